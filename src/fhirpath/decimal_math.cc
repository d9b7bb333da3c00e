// Roots, exponentials and logarithms in 50-digit software decimals: the same
// digits on every machine, unlike a C library's.
#include <boost/multiprecision/cpp_dec_float.hpp>

#include "fhirpath/decimal.h"

namespace stepwell::fhirpath {
namespace {

using Big = boost::multiprecision::cpp_dec_float_50;

Big ToBig(const Decimal& value) { return Big(value.ToString()); }

// Rounded to 16 digits after the point, needless zeros dropped.
std::optional<Decimal> FromBig(const Big& value) {
  if (!boost::multiprecision::isfinite(value)) return std::nullopt;
  if (boost::multiprecision::abs(value) >= Big("1e21")) return std::nullopt;
  const auto exact = Decimal::Parse(value.str(16, std::ios_base::fixed));
  return exact ? std::optional(exact->Stripped()) : std::nullopt;
}

}  // namespace

std::optional<Decimal> SquareRoot(const Decimal& a) {
  if (a.negative()) return std::nullopt;
  return FromBig(boost::multiprecision::sqrt(ToBig(a)));
}

std::optional<Decimal> Exponential(const Decimal& a) {
  if (Compare(a, Decimal(50)) > 0) return std::nullopt;
  if (Compare(a, Decimal(-1000)) < 0) return Decimal(0);
  return FromBig(boost::multiprecision::exp(ToBig(a)));
}

std::optional<Decimal> NaturalLog(const Decimal& a) {
  if (a.negative() || a.zero()) return std::nullopt;
  return FromBig(boost::multiprecision::log(ToBig(a)));
}

std::optional<Decimal> Logarithm(const Decimal& a, const Decimal& base) {
  if (a.negative() || a.zero() || base.negative() || base.zero() ||
      Compare(base, Decimal(1)) == 0) {
    return std::nullopt;
  }
  return FromBig(boost::multiprecision::log(ToBig(a)) /
                 boost::multiprecision::log(ToBig(base)));
}

}  // namespace stepwell::fhirpath
