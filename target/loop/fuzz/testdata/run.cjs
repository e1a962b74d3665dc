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
const { MessageChannel } = require('worker_threads');
const { Pipe, PipeConnectWrap, constants } = process.binding('pipe_wrap');

const program = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const virtual = process.argv[3] === 'virtual';
const start = performance.now();

let callbacks = 0;
const handles = new Map(); // id of an operation -> the timer or immediate it made last
const promises = new Map(); // id of an operation -> the promise it made last
const reasons = new Map(); // promise -> message, of unhandled rejections

function log(name) {
  callbacks++;
  const ms = virtual ? Math.round(performance.now() - start) : 0;
  fs.writeSync(1, `${ms} ${name}\n`);
}

// over says that the program has ended: the pool drops what has not begun.
function over() {
  if (virtual) fs.accessSync('/virtual-clock/over');
}

const spent = () => callbacks > program.limit;

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
let channel;
let underWay = 0;
const sent = [];

function openChannel() {
  channel = new MessageChannel();
  channel.port2.on('message', () => {
    if (--underWay === 0) channel.port2.unref();
    callback('m', sent.shift())();
  });
  channel.port2.unref();
}

function message(op) {
  if (underWay++ === 0) channel.port2.ref();
  sent.push(op);
  channel.port1.postMessage(0);
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
    fs.accessSync('/virtual-clock/submit');
    fs.access('/virtual-clock/job', callback('W', op));
  },
  message,
  advance(op) { fs.accessSync(`/virtual-clock/advance/${op.ms}`); },
  throw(op) { throw new Error(`x${op.id}`); },
  exit(op) { process.exit(op.n); },
};

if (program.catches) {
  process.on('uncaughtException', (err) => {
    log(`UE:${err.message}`);
    try {
      body(program.onError);
    } catch (again) { // Node ends with code 7, and no exit event
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

if (program.messages) openChannel();

let exits = 0;
process.on('beforeExit', () => {
  log(`B${exits}`);
  body(program.beforeExit?.[exits++]);
});
process.on('exit', (code) => {
  log(`exit ${code}`);
  over();
});

log('main');
body(program.main);
