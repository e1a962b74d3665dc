// Runs one program (see program.go) on Node and writes its trace: a line per
// callback, "ms name", in milliseconds since the program began.
//
//   node run.cjs PROGRAM.json [virtual]
//
// With "virtual" the time and the pool are those of virtualclock.c; without it
// every stamp is 0.
//
// Pending and close use libuv's pipes through process.binding, which Node 20
// still allows without a flag: net.connect and Socket.destroy end in the same
// two calls, but bring ticks and callbacks of their own along.
'use strict';

const fs = require('fs');
const { MessageChannel, Worker, parentPort, workerData } = require('worker_threads');
const { Pipe, PipeConnectWrap, constants } = process.binding('pipe_wrap');

// In a worker the program is what its parent hands it.
const here = workerData ?? {
  number: 0,
  program: JSON.parse(fs.readFileSync(process.argv[2], 'utf8')),
  virtual: process.argv[3] === 'virtual',
};
const { program, virtual, number } = here;
if (number) clock(`thread/${number}`);
const start = performance.now();

let callbacks = 0;
const handles = new Map(); // id of an operation -> the timer or immediate it made last
const promises = new Map(); // id of an operation -> the promise it made last
const reasons = new Map(); // promise -> message, of unhandled rejections

// ended is set after a worker's exit event, and when its handler of errors threw:
// Node may run a callback or two of it before its thread stops.
let ended = false;

function log(name) {
  if (ended) return;
  callbacks++;
  const ms = virtual ? Math.round(performance.now() - start) : 0;
  fs.writeSync(1, `${ms} ${number ? `w${number}:` : ''}${name}\n`);
}

// clock talks to virtualclock.c.
function clock(command) {
  if (virtual) fs.accessSync(`/virtual-clock/${command}`);
}

// over says that the program has ended: the pool drops what has not begun.
function over() {
  if (number) park();
  else clock('join'); // a worker that is still running would be cut off somewhere
  clock('over');
}

const spent = () => ended || callbacks > program.limit;

// body runs the operations of a callback. Past the limit callbacks do nothing.
function body(ops) {
  if (spent() || !ops) return;
  for (const op of ops) run[op.k](op);
}

function callback(letter, op) {
  return () => {
    log(letter + op.id);
    body(op.do);
  };
}

function chain(promise, op) {
  for (const link of op.next ?? []) {
    switch (link.k) {
      case 'then': promise = promise.then(settle('p', link)); break;
      case 'catch': promise = promise.catch(caught(link)); break;
      case 'finally': promise = promise.finally(callback('f', link)); break;
    }
  }
  promises.set(op.id, promise);
}

// settle is a callback that may return a promise.
function settle(letter, op) {
  const fn = callback(letter, op);
  return () => {
    fn();
    return op.n ? Promise.resolve() : undefined;
  };
}

function caught(op) {
  return (reason) => {
    log(`c${op.id}:${reason.message}`);
    body(op.do);
  };
}

// One channel carries all messages. It keeps the loop alive only while one is
// under way.
const channel = new MessageChannel();
let underWay = 0;
const sent = [];
channel.port2.on('message', () => {
  if (--underWay === 0) channel.port2.unref();
  const op = sent.shift();
  if (op) callback('m', op)();
});
channel.port2.unref();

function message(op) {
  if (underWay++ === 0) channel.port2.ref();
  sent.push(op);
  channel.port1.postMessage(0);
}

// Workers. Two threads have no order between them, but for what follows:
//
//   - A worker begins after its parent has posted its greetings.
//   - A worker whose program has ended parks: it waits until its parent has had
//     all of its messages. Node hands over what is left of them together with
//     the exit event, without a drain between, and it is luck what is left.
//   - One worker at a time, since it is luck which of two ends first.
//   - In virtual time the parent's poll waits until its worker parks or has ended,
//     so that the messages and the exit arrive in a known turn. That turn is the
//     poll after the last message; Node takes an exit that comes before the check
//     phase already there.
//   - Exit and error events come in one callback or in two: no order is looked
//     for between the exit and what the error's listener leaves to be drained.
//
// The words of the memory that both share:
const GREETED = 0; // 1 once the greetings are posted
const HEARD = 1; // messages that the parent has had
const POSTED = 2; // messages that there are, once the worker is parked
const mostWorkers = 3; // of a program

let posted = 0; // by this worker
let workers = 0; // of this program so far
let living = false; // one of them

function wait(word, until) {
  const { shared } = here;
  for (let n; (n = Atomics.load(shared, word)) < until;) Atomics.wait(shared, word, n);
}

function park() {
  if (posted === 0) return;
  Atomics.store(here.shared, POSTED, posted);
  clock('park');
  if (!virtual) wait(HEARD, posted);
}

// heard counts a worker's message, and lets a parked worker end after its last.
function heard(shared) {
  const n = Atomics.add(shared, HEARD, 1) + 1;
  if (n === Atomics.load(shared, POSTED)) clock('release');
  Atomics.notify(shared, HEARD);
}

function startWorker(op) {
  if (number || living || workers >= mostWorkers) return;
  living = true;
  clock('start');
  const shared = new Int32Array(new SharedArrayBuffer(3 * 4));
  const worker = new Worker(__filename, {
    workerData: { number: ++workers, program: op.in, virtual, shared },
  });
  worker.on('message', (id) => {
    heard(shared);
    log(`M${id}`);
    body(op.do);
  });
  worker.on('error', (err) => log(`E${op.id}:${err.message}`));
  worker.on('exit', (code) => {
    living = false;
    log(`X${op.id}:${code}`);
    body(op.do);
  });
  for (let n = 1; n <= (op.in.greetings ?? 0); n++) worker.postMessage(n);
  Atomics.store(shared, GREETED, 1);
  Atomics.notify(shared, GREETED);
}

// hearGreetings listens to the parent while it has more to say.
function hearGreetings() {
  wait(GREETED, 1);
  if (!program.greetings) return;
  parentPort.on('message', (n) => {
    if (n === program.greetings) parentPort.unref();
    log(`G${n}`);
    body(program.onGreeting);
  });
}

const isImmediate = (handle) => !('_idleTimeout' in handle);

const run = {
  tick(op) { process.nextTick(callback('t', op)); },
  micro(op) { queueMicrotask(callback('q', op)); },
  then(op) { chain(Promise.resolve().then(settle('p', op)), op); },
  finally(op) { chain(Promise.resolve().finally(callback('f', op)), op); },
  reject(op) { chain(Promise.reject(new Error(`r${op.id}`)), op); },
  handle(op) { promises.get(op.to)?.catch(caught(op)); },
  immediate(op) { handles.set(op.id, setImmediate(callback('I', op))); },
  timeout(op) { handles.set(op.id, setTimeout(callback('T', op), op.ms)); },
  interval(op) {
    let runs = 0;
    const interval = setInterval(() => {
      if (++runs >= op.n || spent()) clearInterval(interval);
      callback('V', op)();
    }, op.ms);
    handles.set(op.id, interval);
  },
  clear(op) {
    const handle = handles.get(op.to);
    if (!handle) return;
    if (isImmediate(handle)) clearImmediate(handle);
    else clearTimeout(handle);
  },
  refresh(op) { handles.get(op.to)?.refresh?.(); },
  ref(op) { handles.get(op.to)?.ref(); },
  unref(op) { handles.get(op.to)?.unref(); },
  close(op) { new Pipe(constants.SOCKET).close(callback('C', op)); },
  pending(op) {
    const request = new PipeConnectWrap();
    request.oncomplete = callback('P', op);
    new Pipe(constants.SOCKET).connect(request, '/virtual-clock/nobody-listens');
  },
  job(op) {
    clock('submit');
    fs.access(`/virtual-clock/job/${number}`, callback('W', op));
  },
  message,
  worker: startWorker,
  post(op) {
    if (!number) return;
    posted++;
    parentPort.postMessage(op.id);
  },
  advance(op) { clock(`advance/${op.ms}`); },
  throw(op) { throw new Error(`x${op.id}`); },
  exit(op) { process.exit(op.n); },
};

if (program.catches) {
  process.on('uncaughtException', (err) => {
    log(`UE:${err.message}`);
    try {
      body(program.onError);
    } catch (again) { // Node ends with code 7, and no exit event
      ended = true;
      over();
      throw again;
    }
  });
}
if (program.watches) {
  process.on('unhandledRejection', (reason, promise) => {
    reasons.set(promise, reason.message);
    log(`UR:${reason.message}`);
    body(program.onRejection);
  });
  process.on('rejectionHandled', (promise) => log(`RH:${reasons.get(promise)}`));
}

if (number) {
  // What Node does to begin a worker makes its next poll come back at once, if
  // there is a next: with this message there is, on both sides.
  message(null);
  hearGreetings();
}

let exits = 0;
process.on('beforeExit', () => {
  log(`B${exits}`);
  body(program.beforeExit?.[exits++]);
});
process.on('exit', (code) => {
  log(`exit ${code}`);
  ended = true;
  over();
});

log('main');
body(program.main);
