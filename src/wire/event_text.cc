// One line an event. Scenario files match on these lines: words and order are
// part of docs/formats/scenario.md.
#include <algorithm>
#include <array>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "wire/event_json.h"
#include "wire/json_fields.h"

namespace stepwell::wire {
namespace {

// Shown only when they say something.
constexpr std::array<std::string_view, 14> kQuietWhenZero = {
    "priority",     "waits_for_effect",
    "prorated",     "program_completed",
    "automatic",    "filed_to",
    "response_seq", "ended",
    "unknown",      "moved",
    "missed",       "outside",
    "first",        "flag_seq"};

class TextFields {
 public:
  TextFields(const Names& names, std::string& out) : names_(names), out_(out) {}

  template <class T>
  void Members(const T& value) {
    if constexpr (requires { value.instrument; }) {
      instrument_ = value.instrument;
    }
    if constexpr (requires { value.program; }) program_ = value.program;
    T::Fields(value, *this);
  }

  template <class T>
  void operator()(uint32_t, const char* key, const T& value) {
    const std::string_view name = key;
    if constexpr (std::is_same_v<T, std::optional<Instant>>) {
      // There may be no word about it, or the word that it is never.
      if (value) Put(name, TimeText(names_, *value));
    } else if constexpr (IsOptional<T>::value) {
      if (value) (*this)(0, key, *value);
    } else if constexpr (std::is_same_v<T, bool>) {
      if (value || !IsQuiet(name)) Put(name, value ? "true" : "false");
    } else if constexpr (std::is_same_v<T, uint32_t>) {
      Ordinal(name, value);
    } else if constexpr (std::is_same_v<T, uint8_t>) {
      Number8(name, value);
    } else if constexpr (std::is_same_v<T, uint16_t>) {
      Number16(name, value);
    } else if constexpr (std::is_same_v<T, uint64_t>) {
      if (value != 0 || !IsQuiet(name)) {
        Put(name, IsEffectName(name) ? IdToText(value) : absl::StrCat(value));
      }
    } else if constexpr (std::is_integral_v<T>) {
      if (value != 0 || !IsQuiet(name)) Put(name, absl::StrCat(value));
    } else if constexpr (IsVector<T>::value) {
      List(name, value);
    } else {
      Value(name, value);
    }
  }

 private:
  static bool IsQuiet(std::string_view name) {
    return std::find(kQuietWhenZero.begin(), kQuietWhenZero.end(), name) !=
           kQuietWhenZero.end();
  }

  void Put(std::string_view key, const std::string& value) {
    if (value.empty()) return;
    const bool plain = value.find_first_of(" \t\r\n\"\\=") == std::string::npos;
    absl::StrAppend(&out_, " ", ToAbsl(key), "=",
                    plain ? value : json::Quote(value));
  }

  // Whatever is neither a plain number nor a list.
  template <class T>
  void Value(std::string_view name, const T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
      Put(name, value);
    } else if constexpr (std::is_same_v<T, Instant>) {
      if (!value.IsNever() && value != Instant()) {
        Put(name, TimeText(names_, value));
      }
    } else if constexpr (std::is_same_v<T, protocol::ClockDefId>) {
      Put("clock", NameOf(names_, value));
    } else if constexpr (std::is_same_v<T, protocol::TemplateId>) {
      Put("template", NameOf(names_, value));
    } else if constexpr (std::is_same_v<T, engine::Subject>) {
      Put("about", NameOf(names_, value));
    } else if constexpr (std::is_same_v<T, engine::Answer3>) {
      if (name != "risk" || AsksRisk(names_, instrument_)) {
        Put(name, EnumName(value));
      }
    } else if constexpr (std::is_same_v<T, protocol::ContactMode>) {
      if (value != protocol::ContactMode::kNone) Put(name, EnumName(value));
    } else if constexpr (std::is_enum_v<T> || IsStrongId<T>::value ||
                         IsSymbol<T>::value) {
      Put(name, Word(value));
    } else if constexpr (std::is_same_v<T, engine::Owner>) {
      Put(name, NameOf(names_, value));
    } else if constexpr (std::is_same_v<T, Fingerprint>) {
      Put(name, ToHex(value).substr(0, 12));
    } else if constexpr (std::is_same_v<T, protocol::FactValue>) {
      Put(name, protocol::FactText(value));
    } else if constexpr (std::is_same_v<T, engine::Ratio>) {
      Put(name, ExactDecimal(value).value_or(
                    absl::StrCat(value.numerator, "/", value.denominator)));
    } else if constexpr (std::is_same_v<T, engine::ItemKey>) {
      Put("item", NameOf(names_, value.element));
      if (value.occurrence > 1)
        Put("occurrence", absl::StrCat(value.occurrence));
      if (value.episode > 1) Put("episode", absl::StrCat(value.episode));
    } else if constexpr (std::is_same_v<T, engine::Actor>) {
      Put(name, ActorText(value));
    } else if constexpr (std::is_same_v<T, protocol::SymbolTables>) {
      // Numbers of all names: for replay, not for people.
    } else {
      Members(value);  // an inner struct: its fields stand beside
    }
  }

  template <class T>
  std::string Word(const T& value) const {
    if constexpr (std::is_enum_v<T>) {
      return EnumName(value);
    } else if constexpr (std::is_same_v<T, StaffId> || IsSymbol<T>::value) {
      return NameOf(names_, value);
    } else {
      return value.value == 0 ? "" : IdToText(value.value);
    }
  }

  template <class T>
  void List(std::string_view name, const std::vector<T>& values) {
    std::vector<std::string> words;
    for (const T& value : values) {
      if constexpr (std::is_same_v<T, std::string>) {
        words.push_back(value);
      } else if constexpr (std::is_same_v<T, engine::CountedStart>) {
        words.push_back(absl::StrCat(value.throttle, "/", value.period));
      } else if constexpr (std::is_same_v<T, uint8_t>) {
        words.push_back(SetName(names_, program_, value));
      } else if constexpr (std::is_same_v<T, uint16_t>) {
        words.push_back(InstrumentItemName(names_, instrument_, value));
      } else if constexpr (std::is_integral_v<T>) {
        words.push_back(IsEffectName(name) ? IdToText(value)
                                           : absl::StrCat(value));
      } else if constexpr (std::is_same_v<T, engine::GivenAnswer>) {
        words.push_back(AnswerText(value));
      } else if constexpr (std::is_same_v<T, engine::LeaveState>) {
        words.push_back(absl::StrCat(TimeText(names_, value.from), "/",
                                     TimeText(names_, value.to)));
      } else if constexpr (std::is_same_v<T, engine::RampStep>) {
        words.push_back(absl::StrCat(value.caseload_max, "/",
                                     TimeText(names_, value.until)));
      } else if constexpr (std::is_same_v<T, engine::DelegationState>) {
        words.push_back(absl::StrCat(NameOf(names_, value.of), "/",
                                     TimeText(names_, value.from), "/",
                                     TimeText(names_, value.to)));
      } else if constexpr (std::is_same_v<T, engine::Slot>) {
        words.push_back(
            absl::StrCat(value.id, "@", TimeText(names_, value.starts_at)));
      } else if constexpr (std::is_same_v<T, engine::MigratedClock>) {
        words.push_back(absl::StrCat(value.clock));
      } else if constexpr (std::is_same_v<T, engine::CorrectedScore>) {
        words.push_back(absl::StrCat(value.seq));
      } else if constexpr (std::is_same_v<T, engine::Difference>) {
        words.push_back(absl::StrCat(value.kind, ":", value.what, ":",
                                     value.before, "->", value.after, "@",
                                     value.seq));
      } else if constexpr (std::is_same_v<T, engine::UnreadMember>) {
        words.push_back(absl::StrCat(value.pointer, ":", value.text));
      } else if constexpr (std::is_same_v<T, engine::ReferralDocument>) {
        words.push_back(value.kind);
      } else if constexpr (std::is_same_v<T, engine::FactState>) {
        words.push_back(absl::StrCat(NameOf(names_, value.fact), ":",
                                     protocol::FactText(value.value)));
      } else if constexpr (std::is_same_v<T, engine::ConsentState>) {
        words.push_back(absl::StrCat(NameOf(names_, value.purpose), ":",
                                     value.given ? "yes" : "no"));
      } else if constexpr (std::is_same_v<T, engine::AnswersState>) {
        words.push_back(absl::StrCat(NameOf(names_, value.instrument), "@",
                                     value.response_seq));
      } else if constexpr (std::is_same_v<T, engine::ChecklistAnswer>) {
        words.push_back(
            absl::StrCat(value.question, ":", EnumName(value.answer)));
      } else if constexpr (std::is_same_v<T, engine::AlertBefore>) {
        words.push_back(absl::StrCat(value.alert, ":", EnumName(value.stage)));
      } else {
        words.push_back(Word(value));
      }
    }
    Put(name, absl::StrJoin(words, ","));
  }

  std::string ActorText(const engine::Actor& actor) const {
    if (actor.staff.value != 0) return NameOf(names_, actor.staff);
    const std::string role = EnumName(actor.role);
    return actor.reference.empty() ? role
                                   : absl::StrCat(role, ":", actor.reference);
  }

  std::string AnswerText(const engine::GivenAnswer& answer) const {
    const std::string item =
        answer.item == 0xFFFF
            ? absl::StrCat("?", answer.name)
            : InstrumentItemName(names_, instrument_, answer.item);
    return absl::StrCat(
        item, ":", answer.number ? absl::StrCat(*answer.number) : answer.text);
  }

  void Ordinal(std::string_view name, uint32_t value) {
    if (value == UINT32_MAX) return;
    if (name == "item") {
      const std::string element = ItemName(names_, value);
      Put(name, element.empty() ? absl::StrCat("#", value) : element);
    } else {
      Put(name == "clock" ? "clock_no" : name, absl::StrCat(value));
    }
  }

  void Number8(std::string_view name, uint8_t value) {
    if (name == "guidance") {
      Put(name, GuidanceName(names_, program_, value));
    } else if (name != "band" && name != "tier") {
      Put(name, absl::StrCat(value));
    } else if (value != 0xFF) {
      Put(name, name == "band" ? BandName(names_, instrument_, value)
                               : TierName(names_, instrument_, value));
    }
  }

  void Number16(std::string_view name, uint16_t value) {
    if (value == 0 &&
        (name == "episode" || name == "enrolment" || name == "minutes")) {
      return;
    }
    const std::string module =
        name == "module" ? ModuleName(names_, program_, value) : "";
    Put(name, module.empty() ? absl::StrCat(value) : module);
  }

  const Names& names_;
  std::string& out_;
  protocol::InstrumentRef instrument_;
  protocol::ProgramRef program_;
};

// Collects what TextFields may write before "=".
class TextWords {
 public:
  explicit TextWords(std::vector<std::string>& words) : words_(words) {}

  template <class T>
  void operator()(uint32_t, const char* key, const T&) {
    Word<T>(key);
  }

 private:
  template <class T>
  void Word(std::string_view key) {
    if constexpr (IsOptional<T>::value) {
      Word<typename T::value_type>(key);
    } else if constexpr (std::is_same_v<T, protocol::ClockDefId>) {
      Add("clock");
    } else if constexpr (std::is_same_v<T, protocol::TemplateId>) {
      Add("template");
    } else if constexpr (std::is_same_v<T, engine::Subject>) {
      Add("about");
    } else if constexpr (std::is_same_v<T, engine::ItemKey>) {
      for (const char* word : {"item", "occurrence", "episode"}) Add(word);
    } else {
      Add(key == "clock" && std::is_same_v<T, uint32_t> ? "clock_no" : key);
      if constexpr (requires(T value) { T::Fields(value, *this); }) {
        T inner{};
        T::Fields(inner, *this);
      }
    }
  }
  void Add(std::string_view word) { words_.emplace_back(word); }

  std::vector<std::string>& words_;
};

template <class Body, size_t... I>
bool AddWords(std::string_view event, std::vector<std::string>& words,
              std::index_sequence<I...>) {
  const auto add = [&]<class E>(E body) {
    if (event != E::kName) return false;
    E::Fields(body, TextWords(words));
    return true;
  };
  return (add(std::variant_alternative_t<I, Body>()) || ...);
}

template <class Body>
bool AddWords(std::string_view event, std::vector<std::string>& words) {
  return AddWords<Body>(event, words,
                        std::make_index_sequence<std::variant_size_v<Body>>());
}

template <class E>
std::string ToText(const E& event, const Names& names) {
  return std::visit(
      [&](const auto& body) {
        using Body = std::decay_t<decltype(body)>;
        std::string out = Body::kName;
        TextFields fields(names, out);
        if constexpr (std::is_same_v<Body, engine::CommandRecorded>) {
          fields(2, "verb", body.verb);
          fields.Members(body.envelope);
        } else {
          fields.Members(body);
        }
        return out;
      },
      event.body);
}

}  // namespace

std::optional<std::vector<std::string>> EventWords(std::string_view event) {
  std::vector<std::string> words;
  const bool found = AddWords<engine::EventBody>(event, words) ||
                     AddWords<engine::PersonEventBody>(event, words) ||
                     AddWords<engine::ServiceEventBody>(event, words) ||
                     AddWords<engine::GroupEventBody>(event, words);
  return found ? std::optional(words) : std::nullopt;
}

std::string EventToText(const engine::Event& event, const Names& names) {
  return ToText(event, names);
}
std::string EventToText(const engine::PersonEvent& event, const Names& names) {
  return ToText(event, names);
}
std::string EventToText(const engine::ServiceEvent& event, const Names& names) {
  return ToText(event, names);
}
std::string EventToText(const engine::GroupEvent& event, const Names& names) {
  return ToText(event, names);
}

}  // namespace stepwell::wire
