// Internal to the room: events of a person's stream, appended and applied.
#ifndef STEPWELL_RUNTIME_PERSON_WRITER_H_
#define STEPWELL_RUNTIME_PERSON_WRITER_H_

#include <algorithm>
#include <string>
#include <utility>

#include "engine/person.h"
#include "store/store.h"
#include "wire/record.h"

namespace stepwell::runtime {

struct PersonWriter {
  engine::PersonState state;
  store::StreamWrite write;
  Instant now, at;

  PersonWriter(engine::PersonState initial, PersonId id, Instant now_in,
               const engine::Envelope& envelope)
      : state(std::move(initial)),
        now(std::max(now_in, state.last_at)),
        at(std::min(envelope.at.value_or(now), now)) {
    write.stream = {store::StreamKind::kPerson, id.value};
    write.expected_version = state.version;
  }

  template <class E>
  void Emit(E body) {
    engine::PersonEvent event{state.version + 1, at, now, std::move(body)};
    Apply(event, state);
    write.records.push_back(wire::EncodeEvent(event));
  }

  void NoteZone(const std::string& zone) {
    if (!zone.empty() && zone != state.zone) {
      Emit(engine::PersonZoneNoted{zone});
    }
  }

  store::StreamWrite Finish() {
    write.state = wire::EncodeState(state);
    return std::move(write);
  }
};

}  // namespace stepwell::runtime

#endif  // STEPWELL_RUNTIME_PERSON_WRITER_H_
