// The UCUM units that health records use, exact: factors are decimals or
// quotients of decimals. Special units with an offset (degree Celsius against
// kelvin) and arbitrary units compare with themselves only.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "fhirpath/quantity.h"

namespace stepwell::fhirpath {
namespace {

// Dimensions: 0 m, 1 g, 2 s, 3 rad, 4 K, 5 C, 6 cd, 7 one of the arbitrary
// units, 8 its number.
struct Atom {
  std::string_view code;
  bool metric;  // takes prefixes
  std::string_view factor;
  std::string_view per;  // denominator of the factor; empty = 1
  std::array<int8_t, 7> powers;
};

constexpr std::array<int8_t, 7> kOne = {};
constexpr std::array<int8_t, 7> kLength = {1};
constexpr std::array<int8_t, 7> kArea = {2};
constexpr std::array<int8_t, 7> kVolume = {3};
constexpr std::array<int8_t, 7> kMass = {0, 1};
constexpr std::array<int8_t, 7> kTime = {0, 0, 1};
constexpr std::array<int8_t, 7> kPerTime = {0, 0, -1};
constexpr std::array<int8_t, 7> kAngle = {0, 0, 0, 1};
constexpr std::array<int8_t, 7> kTemperature = {0, 0, 0, 0, 1};
constexpr std::array<int8_t, 7> kPressure = {-1, 1, -2};
constexpr std::array<int8_t, 7> kForce = {1, 1, -2};
constexpr std::array<int8_t, 7> kEnergy = {2, 1, -2};
constexpr std::array<int8_t, 7> kPower = {2, 1, -3};
constexpr std::array<int8_t, 7> kCharge = {0, 0, 0, 0, 0, 1};
constexpr std::array<int8_t, 7> kCurrent = {0, 0, -1, 0, 0, 1};
constexpr std::array<int8_t, 7> kVoltage = {2, 1, -2, 0, 0, -1};
constexpr std::array<int8_t, 7> kDose = {2, 0, -2};

constexpr Atom kAtoms[] = {
    {"m", true, "1", "", kLength},
    {"g", true, "1", "", kMass},
    {"s", true, "1", "", kTime},
    {"rad", true, "1", "", kAngle},
    {"K", true, "1", "", kTemperature},
    {"C", true, "1", "", kCharge},
    {"cd", true, "1", "", {0, 0, 0, 0, 0, 0, 1}},
    {"1", false, "1", "", kOne},
    {"10*", false, "10", "", kOne},
    {"10^", false, "10", "", kOne},
    {"%", false, "0.01", "", kOne},
    {"[ppth]", false, "0.001", "", kOne},
    {"[ppm]", false, "0.000001", "", kOne},
    {"[ppb]", false, "0.000000001", "", kOne},
    {"[pi]", false, "3.1415926535897932384626433832795", "", kOne},
    {"mol", true, "602214076000000000000000", "", kOne},
    {"eq", true, "602214076000000000000000", "", kOne},
    {"osm", true, "602214076000000000000000", "", kOne},
    {"kat", true, "602214076000000000000000", "", kPerTime},
    {"U", true, "602214076000000000", "60", kPerTime},
    {"min", false, "60", "", kTime},
    {"h", false, "3600", "", kTime},
    {"d", false, "86400", "", kTime},
    {"wk", false, "604800", "", kTime},
    {"mo", false, "2629800", "", kTime},
    {"mo_j", false, "2629800", "", kTime},
    {"mo_g", false, "2629746", "", kTime},
    {"mo_s", false, "2551442.976", "", kTime},
    {"a", false, "31557600", "", kTime},
    {"a_j", false, "31557600", "", kTime},
    {"a_g", false, "31556952", "", kTime},
    {"a_t", false, "31556925.216", "", kTime},
    {"Hz", true, "1", "", kPerTime},
    {"Bq", true, "1", "", kPerTime},
    {"Ci", true, "37000000000", "", kPerTime},
    {"N", true, "1000", "", kForce},
    {"Pa", true, "1000", "", kPressure},
    {"bar", true, "100000000", "", kPressure},
    {"atm", false, "101325000", "", kPressure},
    {"m[Hg]", true, "133322000", "", kPressure},
    {"m[H2O]", true, "9806650", "", kPressure},
    {"[psi]", false, "6894757.2931683613", "", kPressure},
    {"J", true, "1000", "", kEnergy},
    {"cal", true, "4184", "", kEnergy},
    {"[Cal]", false, "4184000", "", kEnergy},
    {"eV", true, "0.0000000000000001602176634", "", kEnergy},
    {"W", true, "1000", "", kPower},
    {"A", true, "1", "", kCurrent},
    {"V", true, "1000", "", kVoltage},
    {"Ohm", true, "1000", "", {2, 1, -1, 0, 0, -2}},
    {"F", true, "0.001", "", {-2, -1, 2, 0, 0, 2}},
    {"Gy", true, "1", "", kDose},
    {"Sv", true, "1", "", kDose},
    {"lm", true, "1", "", {0, 0, 0, 2, 0, 0, 1}},
    {"lx", true, "1", "", {-2, 0, 0, 2, 0, 0, 1}},
    {"l", true, "0.001", "", kVolume},
    {"L", true, "0.001", "", kVolume},
    {"ar", true, "100", "", kArea},
    {"t", true, "1000000", "", kMass},
    {"u", true, "0.0000000000000000000000016605390", "", kMass},
    {"deg", false, "3.1415926535897932384626433832795", "180", kAngle},
    {"[in_i]", false, "0.0254", "", kLength},
    {"[ft_i]", false, "0.3048", "", kLength},
    {"[yd_i]", false, "0.9144", "", kLength},
    {"[mi_i]", false, "1609.344", "", kLength},
    {"[nmi_i]", false, "1852", "", kLength},
    {"[sin_i]", false, "0.00064516", "", kArea},
    {"[sft_i]", false, "0.09290304", "", kArea},
    {"[cin_i]", false, "0.000016387064", "", kVolume},
    {"[gr]", false, "0.06479891", "", kMass},
    {"[oz_av]", false, "28.349523125", "", kMass},
    {"[lb_av]", false, "453.59237", "", kMass},
    {"[stone_av]", false, "6350.29318", "", kMass},
    {"[lb_tr]", false, "373.2417216", "", kMass},
    {"[gal_us]", false, "0.003785411784", "", kVolume},
    {"[qt_us]", false, "0.000946352946", "", kVolume},
    {"[pt_us]", false, "0.000473176473", "", kVolume},
    {"[foz_us]", false, "0.0000295735295625", "", kVolume},
    {"[cup_us]", false, "0.0002365882365", "", kVolume},
    {"[tbs_us]", false, "0.00001478676478125", "", kVolume},
    {"[tsp_us]", false, "0.00000492892159375", "", kVolume},
    {"[drp]", false, "0.00000005", "", kVolume},
};

// Units that mean something only beside themselves.
constexpr std::string_view kArbitrary[] = {
    "[iU]",  "[IU]",    "[arb'U]",     "[USP'U]",     "Cel",       "[degF]",
    "[pH]",  "[CFU]",   "[PFU]",       "[EID_50]",    "[TCID_50]", "[hnsf'U]",
    "B",     "Np",      "[diop]",      "bit",         "By",        "[HPF]",
    "[LPF]", "[GPL'U]", "[MPL'U]",     "[APL'U]",     "[AU]",      "[BAU]",
    "[ELU]", "[FFU]",   "[Amb'a'1'U]", "[anti'Xa'U]", "[mesh_i]"};

struct Prefix {
  std::string_view code;
  int exponent;
};
constexpr Prefix kPrefixes[] = {
    {"da", 1}, {"Y", 24}, {"Z", 21}, {"E", 18},  {"P", 15},  {"T", 12},
    {"G", 9},  {"M", 6},  {"k", 3},  {"h", 2},   {"d", -1},  {"c", -2},
    {"m", -3}, {"u", -6}, {"n", -9}, {"p", -12}, {"f", -15}, {"a", -18}};

Decimal PowerOfTen(int exponent) {
  int128 value = 1;
  for (int i = 0; i < exponent; ++i) value *= 10;
  return Decimal(value, 0);
}

bool FindAtom(std::string_view code, Unit* out) {
  for (const Atom& atom : kAtoms) {
    if (atom.code != code) continue;
    out->numerator = *Decimal::Parse(atom.factor);
    if (!atom.per.empty()) out->denominator = *Decimal::Parse(atom.per);
    std::copy(atom.powers.begin(), atom.powers.end(), out->powers.begin());
    return true;
  }
  for (size_t i = 0; i < std::size(kArbitrary); ++i) {
    if (kArbitrary[i] != code) continue;
    out->powers[7] = 1;
    out->powers[8] = static_cast<int8_t>(i + 1);
    return true;
  }
  return false;
}

bool TakesPrefix(std::string_view code) {
  for (const Atom& atom : kAtoms) {
    if (atom.code == code) return atom.metric;
  }
  return code == "[iU]" || code == "[IU]" || code == "B" || code == "bit" ||
         code == "By";
}

bool FindSymbol(std::string_view code, Unit* out) {
  if (FindAtom(code, out)) return true;
  for (const Prefix& prefix : kPrefixes) {
    if (code.size() <= prefix.code.size() ||
        code.substr(0, prefix.code.size()) != prefix.code) {
      continue;
    }
    const std::string_view rest = code.substr(prefix.code.size());
    *out = Unit();
    if (!TakesPrefix(rest) || !FindAtom(rest, out)) continue;
    Decimal& side = prefix.exponent > 0 ? out->numerator : out->denominator;
    const auto scaled = Multiply(side, PowerOfTen(std::abs(prefix.exponent)));
    if (!scaled) return false;
    side = *scaled;
    return true;
  }
  return false;
}

// term := component (('.' | '/') component)*
class UnitParser {
 public:
  explicit UnitParser(std::string_view text) : text_(text) {}

  bool Run(Unit* out) {
    if (text_.empty() || text_.size() > 64) return false;
    return Term(out, 0) && pos_ == text_.size();
  }

 private:
  bool Term(Unit* out, int depth) {
    *out = Unit();
    bool divide = false;
    if (Peek() == '/') {
      divide = true;
      ++pos_;
    }
    while (true) {
      Unit part;
      if (depth > 8 || !Component(&part, depth)) return false;
      if (!Combine(out, part, divide)) return false;
      if (Peek() != '.' && Peek() != '/') return true;
      divide = Peek() == '/';
      ++pos_;
    }
  }

  bool Component(Unit* out, int depth) {
    if (Peek() == '(') {
      ++pos_;
      if (!Term(out, depth + 1) || Peek() != ')') return false;
      ++pos_;
      return Annotation();
    }
    if (Peek() == '{') return Annotation();
    size_t end = pos_;
    bool bracket = false;
    while (end < text_.size()) {
      const char c = text_[end];
      if (c == '[') bracket = true;
      if (!bracket &&
          (c == '.' || c == '/' || c == '(' || c == ')' || c == '{')) {
        break;
      }
      if (c == ']') bracket = false;
      ++end;
    }
    const std::string_view symbol = text_.substr(pos_, end - pos_);
    pos_ = end;
    return Symbol(symbol, out) && Annotation();
  }

  static bool Symbol(std::string_view symbol, Unit* out) {
    if (FindSymbol(symbol, out)) return true;
    // A whole number, or a unit with an exponent: m2, s-1, 10*3.
    size_t digits = symbol.size();
    while (digits > 0 && symbol[digits - 1] >= '0' &&
           symbol[digits - 1] <= '9') {
      --digits;
    }
    *out = Unit();
    if (digits == 0) {
      const auto number = Decimal::Parse(symbol);
      if (number) out->numerator = *number;
      return number && !number->zero();
    }
    if (digits == symbol.size() || symbol.size() - digits > 2) return false;
    const int power = std::stoi(std::string(symbol.substr(digits)));
    const bool negative = symbol[digits - 1] == '-';
    if (negative || symbol[digits - 1] == '+') --digits;
    Unit base;
    if (!FindSymbol(symbol.substr(0, digits), &base)) return false;
    for (int i = 0; i < power; ++i) {
      if (!Combine(out, base, negative)) return false;
    }
    return true;
  }

  bool Annotation() {
    if (Peek() != '{') return true;
    const size_t close = text_.find('}', pos_);
    if (close == std::string_view::npos) return false;
    pos_ = close + 1;
    return true;
  }

  static bool Combine(Unit* out, const Unit& part, bool divide) {
    const auto n =
        Multiply(out->numerator, divide ? part.denominator : part.numerator);
    const auto d =
        Multiply(out->denominator, divide ? part.numerator : part.denominator);
    if (!n || !d) return false;
    out->numerator = *n;
    out->denominator = *d;
    for (int i = 0; i < Unit::kDimensions; ++i) {
      const int power =
          out->powers[i] + (divide ? -part.powers[i] : part.powers[i]);
      if (power < -100 || power > 100) return false;
      out->powers[i] = static_cast<int8_t>(power);
    }
    return true;
  }

  char Peek() const { return pos_ < text_.size() ? text_[pos_] : '\0'; }

  std::string_view text_;
  size_t pos_ = 0;
};

// A code as factors with exponents, in order: mg/mL -> {mg, 1}, {mL, -1}.
struct Factor {
  std::string symbol;
  int power;
};
using Factors = std::vector<Factor>;

// Multiplies `factors` by a component: `m`, `m2`, `s-1`.
void AddComponent(std::string_view part, int sign, Factors* factors) {
  size_t end = part.size();
  Unit unit;
  int power = 1;
  if (!FindSymbol(part, &unit)) {
    while (end > 0 && part[end - 1] >= '0' && part[end - 1] <= '9') --end;
    const bool signed_power =
        end > 1 && (part[end - 1] == '-' || part[end - 1] == '+');
    const size_t base = signed_power ? end - 1 : end;
    if (base > 0 && part.size() - end <= 2 && end < part.size() &&
        FindSymbol(part.substr(0, base), &unit)) {
      power = std::stoi(std::string(part.substr(end)));
      if (signed_power && part[base] == '-') power = -power;
      part = part.substr(0, base);
    }
  }
  if (part == "1") return;
  for (Factor& factor : *factors) {
    if (factor.symbol == part) {
      factor.power += sign * power;
      return;
    }
  }
  factors->push_back({std::string(part), sign * power});
}

// False for codes with parentheses or annotations.
bool AddFactors(std::string_view code, int sign, Factors* factors) {
  if (code.find_first_of("(){}") != std::string_view::npos) return false;
  size_t pos = 0;
  int side = sign;
  while (pos <= code.size()) {
    const size_t end = std::min(code.find_first_of("./", pos), code.size());
    if (end > pos) AddComponent(code.substr(pos, end - pos), side, factors);
    if (end == code.size()) break;
    side = code[end] == '/' ? -sign : sign;
    pos = end + 1;
  }
  return true;
}

std::string WriteFactors(const Factors& factors) {
  std::string over, under;
  for (const Factor& factor : factors) {
    if (factor.power == 0) continue;
    std::string& side = factor.power > 0 ? over : under;
    if (factor.power < 0) {
      side += '/';
    } else if (!side.empty()) {
      side += '.';
    }
    side += factor.symbol;
    const int power = std::abs(factor.power);
    if (power > 1) side += std::to_string(power);
  }
  if (over.empty() && under.empty()) return "1";
  return over + under;
}

}  // namespace

std::optional<Unit> ParseUnit(std::string_view code) {
  Unit unit;
  if (!UnitParser(code).Run(&unit)) return std::nullopt;
  return unit;
}

std::optional<std::string> CombineUnits(std::string_view a, std::string_view b,
                                        bool divide) {
  Factors factors;
  std::string code;
  if (AddFactors(a, 1, &factors) && AddFactors(b, divide ? -1 : 1, &factors)) {
    code = WriteFactors(factors);
  } else {
    code = std::string(a) + (divide ? "/(" : ".(") + std::string(b) + ")";
  }
  if (!ParseUnit(a) || !ParseUnit(b) || !ParseUnit(code)) return std::nullopt;
  return code;
}

}  // namespace stepwell::fhirpath
