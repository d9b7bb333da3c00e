// BENCH-P1 in XState 5. Reads what ../engines.py asks from standard input and
// writes, for each way to run it, the processor time of every repeat and what
// became of the cases.
//
// Three ways: "actors" (an actor a case, delayed events on one shared clock),
// "pure" (`transition`, delayed events kept by the host) and "kept" (as pure,
// and each command reads the case's state as JSON and writes it again).
'use strict';
const fs = require('fs');
const {
  setup, assign, raise, cancel, createActor, initialTransition, transition,
} = require('xstate');

const DAY = 24 * 3600 * 1000;
const BANDS = [[20, 'severe'], [15, 'moderately_severe'], [10, 'moderate'],
  [5, 'mild'], [0, 'minimal']];

// PHQ-9: the sum of nine answers from 0 to 3.
function score(answers) {
  let total = 0;
  for (const answer of answers) {
    if (!Number.isInteger(answer) || answer < 0 || answer > 3) {
      throw new Error(`an answer is 0 to 3, not ${answer}`);
    }
    total += answer;
  }
  return {total, band: BANDS.find(([least]) => total >= least)[1],
    item9: answers[8]};
}

const done = assign({done: ({context}) => context.done + 1});
const scored = assign({
  done: ({context}) => context.done + 1,
  band: ({event}) => event.band,
  scores: ({context, event}) => [...context.scores, event.total],
});
const start = (clock, days) =>
  raise({type: `late.${clock}`}, {id: clock, delay: days * DAY});
const notify = (to, template) => ({type: 'notify', params: {to, template}});

function module_(k) {
  return {tags: [`m${k}`], on: {[`done.m${k}`]: {
    target: k < 8 ? `m${k + 1}` : 'handed_in',
    actions: [done, assign({handedIn: k})]}}};
}

// The modules run ahead of the questionnaires and feedback as far as they like.
function treatment() {
  const modules = {handed_in: {}}, forms = {};
  for (let k = 1; k <= 8; ++k) {
    modules[`m${k}`] = module_(k);
    forms[`wait${k}`] = {on: {[`done.m${k}`]: `q${k}`}};
    forms[`q${k}`] = {tags: [`q${k}`], on: {[`answered.q${k}`]: {
      target: `f${k}`, actions: scored}}};
    forms[`f${k}`] = {tags: [`f${k}`]};
    if (k === 8) continue;
    forms[`f${k}`].on = {[`done.f${k}`]: [
      {guard: ({context}) => context.handedIn > k, target: `q${k + 1}`,
        actions: done},
      {target: `wait${k + 1}`, actions: done}]};
  }
  return {type: 'parallel', states: {
    modules: {initial: 'm1', states: modules},
    forms: {initial: 'wait1', states: forms}},
  on: {'done.f8': {target: 'closing',
    actions: [done, assign({finished: true})]}}};
}

function closing() {
  return {tags: ['discharge'], on: {'done.discharge': {
    target: '#discharged',
    actions: [done, assign({answered: ({event}) => event.outcome})]}}};
}

function p1(outbox) {
  return setup({
    actions: {notify: ({context}, params) =>
      outbox.push({id: context.id, ...params})},
  }).createMachine({
    type: 'parallel',
    context: ({input}) => ({id: input.id, owner: 'team', done: 0, scores: [],
      band: '', handedIn: 0, finished: false, answered: ''}),
    states: {
      pathway: {initial: 'referred', states: {
        referred: {tags: ['triage'], on: {'done.triage': {
          target: 'active', actions: [done, assign({owner: 'tess'})]}}},
        active: {
          entry: start('silence', 365), exit: cancel('silence'),
          initial: 'screening', states: {
            screening: {tags: ['screen'], on: {'answered.screen': [
              {guard: ({event}) => event.total >= 5, target: 'care',
                actions: scored},
              {target: 'screened_out', actions: scored}]}},
            screened_out: closing(),
            care: {
              entry: start('week', 7), exit: cancel('week'),
              on: {'late.week': {actions: [
                notify('owner', 'week_over'), start('week', 7)]}},
              initial: 'treatment',
              states: {treatment: treatment(), closing: closing()}}}},
        discharged: {id: 'discharged'}}},
      risk: {initial: 'none', states: {
        none: {on: {'answered.*': {
          guard: ({event}) => event.item9 > 0, target: 'flagged'}}},
        flagged: {tags: ['risk_form'],
          entry: start('alert', 30), exit: cancel('alert'),
          on: {
            'late.alert': {actions: [
              notify('team', 'alert_waits'), start('alert', 1)]},
            'alert.closed': 'none'}}}}},
  });
}

// What is due first comes first; a binary heap of [due, sequence, value].
class Calendar {
  constructor() {
    this.heap = [];
    this.next = 0;
  }
  static before(a, b) {
    return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
  }
  push(due, value) {
    const heap = this.heap, entry = [due, this.next++, value];
    let i = heap.length;
    heap.push(entry);
    for (; i > 0; i = (i - 1) >> 1) {
      const parent = heap[(i - 1) >> 1];
      if (Calendar.before(parent, entry)) break;
      heap[i] = parent;
    }
    heap[i] = entry;
    return entry;
  }
  // The first entry, if it is due.
  pop(now) {
    const heap = this.heap, first = heap[0];
    if (first === undefined || first[0] > now) return undefined;
    const last = heap.pop();
    if (heap.length > 0) this.sink(last);
    return first;
  }
  sink(entry) {
    const heap = this.heap, size = heap.length;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= size) break;
      if (child + 1 < size && Calendar.before(heap[child + 1], heap[child])) {
        ++child;
      }
      if (Calendar.before(entry, heap[child])) break;
      heap[i] = heap[child];
      i = child;
    }
    heap[i] = entry;
  }
}

// A clock in XState's sense, for all actors: it goes on when it is told to.
class SharedClock {
  constructor() {
    this.time = 0;
    this.calendar = new Calendar();
  }
  setTimeout(fn, delay) {
    return this.calendar.push(this.time + delay, fn);
  }
  clearTimeout(entry) {
    entry[2] = null;
  }
  advance(to) {
    let fired = 0;
    for (let entry; (entry = this.calendar.pop(to));) {
      if (entry[2] === null) continue;
      // What is started by one that was late starts now.
      this.time = to;
      entry[2]();
      ++fired;
    }
    this.time = to;
    return fired;
  }
}

class Actors {
  constructor(count) {
    this.outbox = [];
    this.clock = new SharedClock();
    const machine = p1(this.outbox);
    this.cases = Array.from({length: count}, (_, id) => createActor(
      machine, {clock: this.clock, input: {id}}).start());
  }
  send(i, event) {
    this.cases[i].send(event);
  }
  advance(to) {
    return this.clock.advance(to);
  }
  snapshot(i) {
    return this.cases[i].getSnapshot();
  }
}

class Pure {
  constructor(count) {
    this.outbox = [];
    this.time = 0;
    this.calendar = new Calendar();
    this.machine = p1(this.outbox);
    this.cases = [];
    this.clocks = Array.from({length: count}, () => new Map());
    for (let id = 0; id < count; ++id) {
      const [state, actions] = initialTransition(this.machine, {id});
      this.keep(id, state);
      this.act(id, actions);
    }
  }
  keep(i, state) {
    this.cases[i] = state;
  }
  snapshot(i) {
    return this.cases[i];
  }
  act(i, actions) {
    const clocks = this.clocks[i];
    for (const action of actions) {
      const params = action.params;
      if (action.type === 'xstate.raise') {
        clocks.set(params.id, this.calendar.push(
          this.time + params.delay, {i, event: params.event}));
      } else if (action.type === 'xstate.cancel') {
        const entry = clocks.get(params.sendId);
        if (entry !== undefined) entry[2] = null;
        clocks.delete(params.sendId);
      } else {
        action.exec(action.info, params);
      }
    }
  }
  send(i, event) {
    const [state, actions] =
        transition(this.machine, this.snapshot(i), event);
    this.keep(i, state);
    this.act(i, actions);
  }
  advance(to) {
    let fired = 0;
    for (let entry; (entry = this.calendar.pop(to));) {
      if (entry[2] === null) continue;
      this.time = to;
      this.send(entry[2].i, entry[2].event);
      ++fired;
    }
    this.time = to;
    return fired;
  }
}

class Kept extends Pure {
  keep(i, state) {
    this.cases[i] = JSON.stringify(this.machine.getPersistedSnapshot(state));
  }
  snapshot(i) {
    return this.machine.resolveState(JSON.parse(this.cases[i]));
  }
}

function run(engine, count, work) {
  const answer = (i, item, risk) => engine.send(
    i, {type: `answered.${item}`, ...score([...work.answers, risk])});
  let commands = 0;
  for (let i = 0; i < count; ++i) {
    engine.send(i, {type: 'done.triage'});
    answer(i, 'screen', 0);
    commands += 2;
  }
  for (let k = 1; k <= 8; ++k) {
    for (let i = 0; i < count; ++i) {
      const risk = k === work.risk_module && i % work.risk_every === 0;
      engine.send(i, {type: `done.m${k}`});
      answer(i, `q${k}`, risk ? 1 : 0);
      engine.send(i, {type: `done.f${k}`});
      commands += 3;
    }
    commands += engine.advance(k * 7 * DAY);
  }
  for (let i = 0; i < count; ++i) {
    engine.send(i, {type: 'done.discharge', outcome: 'discharged'});
    ++commands;
  }
  return commands;
}

function outcomes(engine, count) {
  const heard = Array.from({length: count}, () => ({}));
  for (const {id, template} of engine.outbox) {
    heard[id][template] = (heard[id][template] || 0) + 1;
  }
  const found = new Map();
  for (let i = 0; i < count; ++i) {
    const state = engine.snapshot(i), context = state.context;
    const text = JSON.stringify({
      pathway: state.value.pathway, risk: state.value.risk,
      finished: context.finished, answered: context.answered,
      owner: context.owner, scores: context.scores, band: context.band,
      done: context.done, open: [...state.tags].sort(),
      weeks: heard[i].week_over || 0, alerts: heard[i].alert_waits || 0});
    found.set(text, (found.get(text) || 0) + 1);
  }
  return [...found].map(([text, cases]) => [JSON.parse(text), cases]);
}

// Processor time of this thread alone where the system tells it, so that
// helpers which collect garbage are not charged.
function processorSeconds() {
  try {
    const path = `/proc/self/task/${process.pid}/schedstat`;
    return Number(fs.readFileSync(path, 'utf8').split(' ')[0]) / 1e9;
  } catch {
    const used = process.cpuUsage();
    return (used.user + used.system) / 1e6;
  }
}

function measure(name, Engine, work) {
  const count = work.cases[name];
  run(new Engine(work.warm_up_cases), work.warm_up_cases, work);
  const row = {name, cases: count, seconds: []};
  for (let r = 0; r < work.repeats; ++r) {
    const engine = new Engine(count);
    const before = processorSeconds();
    row.commands = run(engine, count, work);
    row.seconds.push(processorSeconds() - before);
    row.outcomes = outcomes(engine, count);
  }
  return row;
}

const work = JSON.parse(fs.readFileSync(0, 'utf8'));
const version = require('xstate/package.json').version;
console.log(JSON.stringify({
  version, runtime: `Node ${process.versions.node}`,
  rows: [
    measure('actors', Actors, work), measure('pure', Pure, work),
    measure('kept', Kept, work)]}));
