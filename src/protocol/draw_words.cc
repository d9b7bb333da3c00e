#include "protocol/draw_words.h"

#include <array>
#include <cstddef>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "base/span.h"
#include "base/strings.h"

namespace stepwell::protocol {
namespace {

constexpr std::string_view kLanguages[] = {"en", "sv", "nb", "da", "nl"};
constexpr size_t kLanguageCount = std::size(kLanguages);
using Row = std::array<std::string_view, kLanguageCount>;

// In the order of Word.
constexpr Row kTable[] = {
    {"Ways in", "Vägar in", "Veier inn", "Veje ind", "Ingangen"},
    {"from any phase", "från alla faser", "fra alle faser", "fra alle faser",
     "vanuit elke fase"},
    {"In any phase", "I alla faser", "I alle faser", "I alle faser",
     "In elke fase"},
    {"Modules", "Moduler", "Moduler", "Moduler", "Modules"},
    {"Clocks", "Klockor", "Klokker", "Ure", "Klokken"},
    {"Limits", "Gränser", "Grenser", "Grænser", "Grenzen"},
    {"Queue", "Kö", "Kø", "Kø", "Wachtrij"},
    {"places", "platser", "plasser", "pladser", "plaatsen"},
    {"free", "lediga", "ledige", "ledige", "vrij"},
    {"settled before the start", "avgörs före start", "avgjøres før start",
     "afgøres før start", "beslist vóór het begin"},
    {"Quiet hours", "Tysta timmar", "Stille timer", "Stille timer",
     "Stille uren"},
    {"Risk alerts", "Risklarm", "Risikovarsler", "Risikoalarmer",
     "Risicomeldingen"},
    {"begins here", "börjar här", "begynner her", "begynder her",
     "begint hier"},
    {"ends here", "slutar här", "slutter her", "slutter her", "eindigt hier"},
    {"patient", "patient", "pasient", "patient", "patiënt"},
    {"owner", "ansvarig", "ansvarlig", "ansvarlig", "behandelaar"},
    {"referrer", "remittent", "henviser", "henviser", "verwijzer"},
    {"within", "inom", "innen", "inden for", "binnen"},
    {"every", "upprepas efter", "gjentas etter", "gentages efter",
     "herhaald na"},
    {"after", "efter", "etter", "efter", "na"},
    {"then every", "upprepas sedan efter", "gjentas deretter etter",
     "gentages derefter efter", "daarna herhaald na"},
    {"on demand", "vid behov", "ved behov", "ved behov", "zo nodig"},
    {"offered", "erbjuds", "tilbys", "tilbydes", "aangeboden"},
    {"consents", "samtycken", "samtykker", "samtykker", "toestemming"},
    {"documents", "handlingar", "dokumenter", "dokumenter", "documenten"},
    {"letters to the referrer", "brev till remittenten", "brev til henviseren",
     "breve til henviseren", "brieven aan verwijzer"},
    {"starts", "startar", "starter", "starter", "start"},
    {"begins anew", "börjar om", "begynner på nytt", "begynder forfra",
     "begint opnieuw"},
    {"stops", "stoppar", "stopper", "stopper", "stopt"},
    {"every risk answer, until it is screened",
     "varje risksvar, tills det är bedömt",
     "hvert risikosvar, til det er vurdert",
     "hvert risikosvar, indtil det er vurderet",
     "elk risicoantwoord, tot het is beoordeeld"},
    {"may raise an alert", "kan ge larm", "kan utløse varsel",
     "kan udløse alarm", "kan een melding geven"},
    {"acknowledge", "kvittera", "bekrefte", "kvittere", "bevestigen"},
    {"assess", "bedöma", "vurdere", "vurdere", "beoordelen"},
    {"close", "avsluta", "avslutte", "afslutte", "afsluiten"},
    {"moves to", "går till", "går til", "går til", "gaat naar"},
    {"opens", "öppnar", "åpner", "åbner", "opent"},
    {"cancels", "ställer in", "avlyser", "aflyser", "annuleert"},
    {"reaches", "når", "når", "når", "bereikt"},
    {"sets", "sätter", "setter", "sætter", "zet"},
    {"tells", "meddelar", "varsler", "underretter", "bericht aan"},
    {"starts clock", "startar klockan", "starter klokken", "starter uret",
     "start klok"},
    {"stops clock", "stoppar klockan", "stopper klokken", "stopper uret",
     "stopt klok"},
    {"gives the case to", "ger ärendet till", "gir saken til",
     "giver sagen til", "geeft de casus aan"},
    {"passes it to", "lämnar över till", "gir videre til", "giver videre til",
     "geeft door aan"},
    {"passes open alerts to", "lämnar öppna larm till", "gir åpne varsler til",
     "giver åbne alarmer til", "geeft open meldingen aan"},
    {"priority", "prioritet", "prioritet", "prioritet", "prioriteit"},
    {"raises an alert", "larmar", "varsler risiko", "slår alarm",
     "slaat alarm"},
    {"answers referrals", "besvarar remisser", "besvarer henvisninger",
     "besvarer henvisninger", "beantwoordt verwijzingen"},
    {"ends care", "avslutar vården", "avslutter behandlingen",
     "afslutter forløbet", "beëindigt de zorg"},
    {"reminder", "påminnelse", "påminnelse", "påmindelse", "herinnering"},
    {"program", "program", "program", "program", "programma"},
    {"questionnaire", "formulär", "skjema", "skema", "vragenlijst"},
    {"module", "modul", "modul", "modul", "module"},
    {"task", "uppgift", "oppgave", "opgave", "taak"},
    {"message", "meddelande", "melding", "besked", "bericht"},
    {"appointment", "besök", "avtale", "aftale", "afspraak"},
    {"decision", "beslut", "beslutning", "beslutning", "besluit"},
};
static_assert(std::size(kTable) == static_cast<size_t>(Word::kWords));

struct ReleaseWords {
  std::string_view policy;
  Row words;
};
constexpr ReleaseWords kReleaseWords[] = {
    {"immediate",
     {"at once", "genast", "med det samme", "med det samme", "meteen"}},
    {"weekly", {"weekly", "varje vecka", "hver uke", "hver uge", "elke week"}},
    {"on_homework",
     {"on homework", "efter hemuppgiften", "etter hjemmeoppgaven",
      "efter hjemmeopgaven", "na de opdracht"}},
    {"on_approval",
     {"on approval", "efter godkännande", "etter godkjenning",
      "efter godkendelse", "na goedkeuring"}},
    {"on_mastery",
     {"on mastery", "när det är inlärt", "når det er lært", "når det er lært",
      "na beheersing"}},
    {"on_date",
     {"on a date", "på ett datum", "på en dato", "på en dato", "op een datum"}},
    {"manual", {"by hand", "för hand", "for hånd", "i hånden", "met de hand"}},
};

// One and many, in the order of SpanUnit. English is what documents write.
constexpr std::array<std::string_view, 2> kUnits[][kLanguageCount - 1] = {
    {{"minut", "minuter"},
     {"minutt", "minutter"},
     {"minut", "minutter"},
     {"minuut", "minuten"}},
    {{"timme", "timmar"}, {"time", "timer"}, {"time", "timer"}, {"uur", "uur"}},
    {{"dag", "dagar"}, {"dag", "dager"}, {"dag", "dage"}, {"dag", "dagen"}},
    {{"vecka", "veckor"}, {"uke", "uker"}, {"uge", "uger"}, {"week", "weken"}},
    {{"månad", "månader"},
     {"måned", "måneder"},
     {"måned", "måneder"},
     {"maand", "maanden"}},
    {{"arbetsdag", "arbetsdagar"},
     {"arbeidsdag", "arbeidsdager"},
     {"arbejdsdag", "arbejdsdage"},
     {"werkdag", "werkdagen"}},
    {{"arbetstimme", "arbetstimmar"},
     {"arbeidstime", "arbeidstimer"},
     {"arbejdstime", "arbejdstimer"},
     {"werkuur", "werkuren"}},
};
static_assert(std::size(kUnits) ==
              static_cast<size_t>(SpanUnit::kWorkhours) + 1);

size_t ColumnOf(std::string_view language) {
  std::string_view primary = language.substr(0, language.find('-'));
  if (primary == "no") primary = "nb";
  for (size_t i = 0; i < kLanguageCount; ++i) {
    if (kLanguages[i] == primary) return i;
  }
  return 0;
}

}  // namespace

std::string_view Say(Word word, std::string_view language) {
  return kTable[static_cast<size_t>(word)][ColumnOf(language)];
}

std::string SayRelease(std::string_view policy, std::string_view language) {
  for (const ReleaseWords& known : kReleaseWords) {
    if (known.policy == policy) {
      return std::string(known.words[ColumnOf(language)]);
    }
  }
  return std::string(policy);
}

std::string SaySpan(std::string_view text, std::string_view language) {
  const absl::StatusOr<Span> span = ParseSpan(text);
  const size_t column = ColumnOf(language);
  if (!span.ok() || column == 0) return std::string(text);
  const auto& unit = kUnits[static_cast<size_t>(span->unit)][column - 1];
  return absl::StrCat(span->amount, " ",
                      ToAbsl(unit[span->amount == 1 ? 0 : 1]));
}

}  // namespace stepwell::protocol
