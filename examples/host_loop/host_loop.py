"""The loop that every host of a service has: fire what is due, deliver what
waits, and start again where it stopped. Time is played: an hour a turn.

usage: host_loop.py FILE
"""

import sys
from datetime import datetime, timedelta, timezone

import stepwell

HOST = {"role": "integration"}
PERSON = {"system": "s", "value": "1"}


class Host:
    def __init__(self, file: str) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)
        self.store = f"sqlite:{file}"
        self.service = stepwell.Service.create(self.store, "catalogue:minimal",
                                               self.now, prototype=True)
        self.attempts = self.delivered = self.failures = self.restarts = 0

    # tutorial: tick
    def tick(self) -> None:
        self.service.advance(self.now)
        self.consume_outbox()
    # tutorial end

    # tutorial: deliver
    def deliver(self, effect: stepwell.Effect) -> None:
        """A letter, a text message, a task in the EHR. Twice in three times
        the line is dead."""
        self.attempts += 1
        if self.attempts % 3 != 0:
            raise ConnectionError(f"no line to the {effect.to}")

    def consume_outbox(self) -> None:
        """Delivers what waits. What fails stays in the outbox and comes again
        in the next turn; what was delivered is settled, under an id made from
        the effect, so that a crash in between settles it twice and changes
        nothing."""
        for effect in self.service.outbox(limit=100).effects:
            try:
                self.deliver(effect)
            except ConnectionError:
                self.failures += 1
                continue
            self.delivered += 1
            self.service.settle(effect, self.now, id=f"settle/{effect.id}",
                                delivered=True).raise_if_rejected()
    # tutorial end

    # tutorial: restart
    def restart(self) -> None:
        """The process may end at any time: all that counts is in the store."""
        self.service.close()
        self.service = stepwell.Service.open(self.store)
        self.restarts += 1
    # tutorial end

    def fill(self) -> None:
        """A risk answer: the alert speaks to the team every hour until
        somebody acts."""
        for command in (
                {"id": "1", "command": "register_person", "actor": HOST},
                {"id": "2", "command": "receive_referral", "actor": HOST,
                 "route": "self"},
                {"id": "3", "command": "submit_response", "item": "form",
                 "actor": {"role": "patient"}, "answers": [1] * 9}):
            self.service.submit({**command, "person": PERSON},
                                self.now).raise_if_rejected()

    def day(self) -> None:
        # tutorial: loop
        for hour in range(1, 25):
            self.now += timedelta(hours=1)
            if hour % 10 == 0:
                self.restart()
            self.tick()
        # tutorial end


def main() -> None:
    host = Host(sys.argv[1] if len(sys.argv) > 1 else "host_loop.db")
    host.fill()
    host.day()
    print(f"{host.delivered} delivered, {host.failures} attempts failed, "
          f"{host.restarts} restarts")
    print(host.service.health(host.now).json)
    host.service.close()


if __name__ == "__main__":
    main()
