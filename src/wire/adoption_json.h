// Internal to the room: reads the body of adopt_case.
#ifndef STEPWELL_WIRE_ADOPTION_JSON_H_
#define STEPWELL_WIRE_ADOPTION_JSON_H_

#include "engine/adoption.h"
#include "wire/body_reader.h"

namespace stepwell::wire {

void Read(BodyReader& r, engine::AdoptCase& c);

}  // namespace stepwell::wire

#endif  // STEPWELL_WIRE_ADOPTION_JSON_H_
