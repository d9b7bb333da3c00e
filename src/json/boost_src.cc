// Boost.JSON itself, compiled once: the library then needs no other file of
// Boost at run time.
#include <boost/json/src.hpp>
