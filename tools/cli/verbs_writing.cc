// service init, import, submit, advance: what changes a store.
#include "absl/strings/str_cat.h"
#include "service_options.h"
#include "stepwell/command_file.h"
#include "stepwell/error.h"

namespace stepwell::cli {
namespace {

struct InitOptions {
  std::string store, now, protocol;
  std::string tenant = "default";
  bool prototype = false;
};

int Init(const Common& common, const InitOptions& init) {
  const auto now = ReadNow(init.now);
  if (!now.ok()) return Fail(common, now.status());
  ServiceOptions options;
  options.tenant = init.tenant;
  options.prototype = init.prototype;
  auto protocol = ReadProtocol(init.protocol);
  if (!protocol.ok()) return Fail(common, protocol.status());
  options.protocol = *std::move(protocol);
  const auto check = CheckProtocol(options.protocol);
  if (!check.ok()) return Fail(common, check.status());
  const auto service = Service::Create(init.store, options, *now);
  if (!service.ok()) return Fail(common, service.status());
  if (common.json) {
    PrintLine(absl::StrCat("{\"store\":", Quote(init.store),
                           ",\"tenant\":", Quote(init.tenant),
                           ",\"protocol\":", Quote(check->id),
                           ",\"version\":", Quote(check->version),
                           ",\"hash\":", Quote(check->hash), "}"));
  } else {
    PrintLine(absl::StrCat(init.store, ": ", Toned(Tone::kGood, "created"),
                           " with ", check->id, " ", check->version, " (",
                           check->hash.substr(0, 12), ")"));
    const auto health = (*service)->CheckHealth(*now);
    if (!health.ok()) return Fail(common, health.status());
    PrintWarnings(*health);
  }
  return kFine;
}

void PrintReply(const Reply& reply) {
  const bool rejected = reply.kind == Reply::Kind::kRejected;
  const bool parked = reply.kind == Reply::Kind::kParked;
  std::string line = absl::StrCat(rejected ? Toned(Tone::kBad, "rejected")
                                  : parked ? Toned(Tone::kBold, "parked")
                                           : Toned(Tone::kGood, "accepted"),
                                  " ", reply.command_id);
  if (reply.repeated) absl::StrAppend(&line, " (answered before)");
  if (!reply.code.empty()) {
    absl::StrAppend(&line, ": ", reply.code, ", ", reply.reason);
  } else if (!reply.reason.empty()) {
    absl::StrAppend(&line, ": ", reply.reason);
  }
  PrintLine(line);
  if (!reply.case_id.empty()) {
    PrintLine(
        absl::StrCat("  case     ", reply.case_id, " version ", reply.version));
  } else if (!reply.person_id.empty()) {
    PrintLine(absl::StrCat("  person   ", reply.person_id));
  }
  if (!reply.receipt.empty()) {
    PrintLine(absl::StrCat("  receipt  ", reply.receipt));
  }
  if (!reply.events.empty()) {
    PrintLine(absl::StrCat("  recorded ", Join(reply.events, ", ")));
  }
  for (const auto& [language, text] : reply.show_now) {
    PrintLine(absl::StrCat("  ", Toned(Tone::kBad, "show now"), " [", language,
                           "] ", text));
  }
}

int Submit(const Common& common, const std::string& path, Service& service,
           bool has_now, Instant given_now) {
  const auto text = ReadInput(path);
  if (!text.ok()) return Fail(common, text.status());
  const auto commands = ReadCommandFile(*text);
  if (!commands.ok()) {
    return Fail(
        common,
        absl::Status(commands.status().code(),
                     absl::StrCat(path, ": ", commands.status().message())));
  }
  int code = kFine;
  for (const FileCommand& command : *commands) {
    const std::string place =
        command.place.empty() ? path : absl::StrCat(path, " ", command.place);
    if (!command.problem.empty()) {
      return Fail(common, absl::StrCat(place, ": ", command.problem));
    }
    if (!command.now && !has_now) {
      return Fail(common, absl::StrCat(place,
                                       ": the command has no \"now\" of its "
                                       "own: give one or --now"));
    }
    const auto reply =
        service.Submit(command.json, command.now.value_or(given_now));
    if (!reply.ok()) {
      return Fail(common, absl::Status(reply.status().code(),
                                       absl::StrCat(place, ": ",
                                                    reply.status().message())));
    }
    if (common.json) {
      PrintLine(ToJson(*reply));
    } else {
      PrintReply(*reply);
    }
    if (reply->kind == Reply::Kind::kRejected) code = kNo;
  }
  return code;
}

int Preview(const Common& common, Service& service, Instant now,
            const std::string& zone) {
  return Show(common, service.PreviewAdvance(now), kFine,
              [&](const AdvancePreview& preview) {
                PrintLine(absl::StrCat(
                    Count(preview.due, "clock"), " due since ",
                    preview.due == 0 ? "-" : Clock(preview.oldest_due, zone),
                    ", last advance ", Clock(preview.last_advance, zone)));
                for (const auto& [clock, n] : preview.by_clock) {
                  PrintLine(absl::StrCat("  ", clock, " ", n));
                }
                if (preview.needs_catch_up) {
                  PrintLine("more than 60 days: advance with --catch-up");
                }
              });
}

void PrintEntries(const char* what,
                  const std::vector<ImportReport::Refusal>& entries,
                  Tone tone) {
  if (entries.empty()) return;
  Table table({what, "RESOURCE", "WHY"});
  for (const ImportReport::Refusal& entry : entries) {
    table.Add({entry.path, entry.resource, entry.reason}, tone);
  }
  table.Print();
}

void PrintImport(const ImportReport& report) {
  PrintLine(absl::StrCat(
      report.entries, report.entries == 1 ? " entry" : " entries", ": persons ",
      report.persons, ", referrals ", report.referrals, ", ended ",
      report.ended, ", responses ", report.responses, ", unchanged ",
      report.unchanged, ", parked ", report.parked, ", ignored ",
      report.ignored, ", refused ", report.refused.size()));
  PrintEntries("REFUSED", report.refused, Tone::kBad);
  PrintEntries("PARKED", report.parked_entries, Tone::kBold);
}

void AddInit(CLI::App& service, Common& common) {
  CLI::App* verb = AddVerb(service, common, "init",
                           "Creates a store with its first protocol");
  auto init = std::make_shared<InitOptions>();
  verb->add_option("--store", init->store, "sqlite:PATH")
      ->envname("STEPWELL_STORE")
      ->required();
  verb->add_option("PROTOCOL,--protocol", init->protocol,
                   "a file or catalogue:NAME")
      ->required();
  verb->add_option("--now", init->now, "a time with an offset, or system")
      ->envname("STEPWELL_NOW")
      ->required();
  verb->add_option("--tenant", init->tenant, "the name of the service");
  verb->add_flag("--prototype", init->prototype,
                 "also with a protocol that is not approved; never for "
                 "patients");
  OnRun(verb, common, [&common, init] { return Init(common, *init); });
}

void AddImport(CLI::App& service, Common& common) {
  const auto [verb, arguments] =
      AddServiceVerb(service, common, "import",
                     "Reads FHIR R4: a Bundle or NDJSON", Takes::kNow);
  auto path = std::make_shared<std::string>();
  auto options = std::make_shared<ImportOptions>();
  verb->add_option("FILE", *path, "a file, or -")->required();
  verb->add_option("--source", options->source, "the name of the sender");
  OnRun(verb, common, [&common, arguments = arguments, path, options] {
    const auto text = ReadInput(*path);
    if (!text.ok()) return Fail(common, text.status());
    return WithService(common, *arguments, [&](Service& opened, Instant now) {
      const auto report = opened.Import(*text, *options, now);
      const int code = report.ok() && !report->refused.empty() ? kNo : kFine;
      return Show(common, report, code, PrintImport);
    });
  });
}

void AddSubmit(CLI::App& service, Common& common) {
  const auto [verb, arguments] = AddServiceVerb(
      service, common, "submit",
      "Gives commands to the service: JSON, an array, or one a line",
      Takes::kStore);
  auto path = std::make_shared<std::string>();
  verb->add_option("FILE", *path, "a file, or -")->required();
  verb->add_option("--now", arguments->now,
                   "for commands without a \"now\" of their own")
      ->envname("STEPWELL_NOW");
  OnRun(verb, common, [&common, arguments = arguments, path] {
    return WithService(common, *arguments, [&](Service& opened, Instant now) {
      return Submit(common, *path, opened, !arguments->now.empty(), now);
    });
  });
}

// What became of each line of a file of adoptions.
struct Adoptions {
  uint64_t lines = 0, adopted = 0, registered = 0, repeated = 0;
  struct Refusal {
    std::string place, code, reason;
  };
  std::vector<Refusal> refused;
  std::vector<std::pair<std::string, std::string>> notes;  // place, what
};

Adoptions AdoptEach(const std::vector<FileCommand>& commands, Service& service,
                    Instant now) {
  Adoptions done;
  for (const FileCommand& command : commands) {
    ++done.lines;
    const auto reply = service.Submit(command.json, command.now.value_or(now));
    if (!reply.ok()) {
      done.refused.push_back({command.place,
                              std::string(ErrorCode(reply.status())),
                              std::string(reply.status().message())});
    } else if (reply->kind != Reply::Kind::kAccepted) {
      done.refused.push_back({command.place, reply->code, reply->reason});
    } else if (reply->repeated) {
      ++done.repeated;
    } else {
      ++(reply->case_id.empty() ? done.registered : done.adopted);
      if (!reply->reason.empty()) {
        done.notes.emplace_back(command.place, reply->reason);
      }
    }
  }
  return done;
}

std::string ToJson(const Adoptions& done) {
  std::string json =
      absl::StrCat("{\"lines\":", done.lines, ",\"adopted\":", done.adopted,
                   ",\"registered\":", done.registered,
                   ",\"repeated\":", done.repeated, ",\"refused\":[");
  for (const Adoptions::Refusal& line : done.refused) {
    absl::StrAppend(&json, json.back() == '[' ? "" : ",",
                    "{\"place\":", Quote(line.place),
                    ",\"code\":", Quote(line.code),
                    ",\"reason\":", Quote(line.reason), "}");
  }
  json += "],\"notes\":[";
  for (const auto& [place, note] : done.notes) {
    absl::StrAppend(&json, json.back() == '[' ? "" : ",",
                    "{\"place\":", Quote(place), ",\"note\":", Quote(note),
                    "}");
  }
  return json + "]}";
}

void PrintAdoptions(const Adoptions& done) {
  PrintLine(absl::StrCat(
      Count(done.lines, "line"), ": ", Count(done.adopted, "case"),
      " adopted, ", Count(done.registered, "person"), " registered, ",
      done.repeated, " done before, ", done.refused.size(), " refused"));
  for (const Adoptions::Refusal& line : done.refused) {
    PrintLine(
        absl::StrCat("  ", line.place, ": ", line.code, ": ", line.reason));
  }
  for (const auto& [place, note] : done.notes) {
    PrintLine(absl::StrCat("  ", place, ": adopted; ", note));
  }
}

void AddAdopt(CLI::App& service, Common& common) {
  const auto [verb, arguments] = AddServiceVerb(
      service, common, "adopt",
      "Takes in patients in mid-treatment: adopt_case and register_person, one "
      "a line",
      Takes::kNow);
  auto path = std::make_shared<std::string>();
  verb->add_option("FILE", *path, "a file, or -")->required();
  OnRun(verb, common, [&common, arguments = arguments, path] {
    const auto text = ReadInput(*path);
    if (!text.ok()) return Fail(common, text.status());
    const auto commands = ReadCommandFile(*text);
    if (!commands.ok()) return Fail(common, commands.status());
    return WithService(common, *arguments, [&](Service& opened, Instant now) {
      const absl::StatusOr<Adoptions> done = AdoptEach(*commands, opened, now);
      return Show(common, done, done->refused.empty() ? kFine : kNo,
                  PrintAdoptions);
    });
  });
}

void AddAdvance(CLI::App& service, Common& common) {
  const auto [verb, arguments] = AddServiceVerb(
      service, common, "advance", "Fires the clocks that are due", Takes::kNow);
  auto options = std::make_shared<AdvanceOptions>();
  auto preview = std::make_shared<bool>(false);
  verb->add_flag("--preview", *preview, "only show what is due");
  verb->add_flag("--catch-up", options->catch_up,
                 "needed for more than 60 days at once");
  verb->add_option("--clocks-max", options->clocks_max,
                   "stop after so many clocks");
  OnRun(verb, common, [&common, arguments = arguments, options, preview] {
    return WithService(common, *arguments, [&](Service& opened, Instant now) {
      if (*preview) return Preview(common, opened, now, arguments->zone);
      return Show(common, opened.Advance(now, *options), kFine,
                  [&](const AdvanceResult& result) {
                    PrintLine(absl::StrCat(
                        Count(result.fired, "clock"), " fired",
                        result.more ? ", more are due" : "", "; next at ",
                        Clock(result.next_due, arguments->zone)));
                    for (const std::string& failed : result.failed) {
                      PrintLine(absl::StrCat(Toned(Tone::kBad, "not fired"),
                                             " ", failed));
                    }
                  });
    });
  });
}

}  // namespace

void AddWritingVerbs(CLI::App& service, Common& common) {
  AddInit(service, common);
  AddImport(service, common);
  AddSubmit(service, common);
  AddAdopt(service, common);
  AddAdvance(service, common);
}

}  // namespace stepwell::cli
