// The operations of bench_test.go on Node, under the same names.
//
//   node speed.cjs NAME    prints the nanoseconds of an operation
//   node speed.cjs http    serves a hello world; the last line is its URL
//
// As Go's benchmarks do, it repeats an operation more and more often, until one
// run is long enough; the shorter runs before it warm the compiler up.
'use strict';
const fs = require('node:fs');
const http = require('node:http');
const { Worker, isMainThread, parentPort } = require('node:worker_threads');

const longEnough = 300; // ms

// flight keeps that many operations of one kind in flight until n are done.
const flight = (inFlight, start) => (n) => new Promise((resolve) => {
  let left = n, flying = 0;
  const over = () => {
    flying--;
    next();
    if (flying === 0) resolve();
  };
  const next = () => {
    if (left-- > 0) {
      flying++;
      start(over);
    }
  };
  for (let i = 0; i < inFlight; i++) next();
});

const settled = Promise.resolve();

const operations = {
  Immediates: flight(1000, (over) => setImmediate(over)),
  Ticks: flight(1000, (over) => process.nextTick(over)),
  Microtasks: flight(1000, (over) => queueMicrotask(over)),
  PromiseJobs: flight(1000, (over) => { settled.then(over); }),
  Awaits: (n) => {
    let left = n;
    const one = async () => { while (left-- > 0) await settled; };
    return Promise.all(Array.from({ length: 1000 }, one)).then(() => {});
  },
  Timers: flight(20_000, (over) => setTimeout(over, 1)),
  ManyTimers: flight(200_000, (over) => setTimeout(over, 1)),
  Intervals: (n) => new Promise((resolve) => {
    let left = n, running = 20_000;
    for (let i = 0; i < 20_000; i++) {
      const every = setInterval(() => {
        if (--left >= 0) return;
        clearInterval(every);
        if (--running === 0) resolve();
      }, 1);
    }
  }),
  SetAndClear: async (n) => {
    const never = () => {};
    for (let i = 0; i < n; i++) clearTimeout(setTimeout(never, 1000));
  },
  // Node has no empty pool job: of what it offers, this does the least.
  Pool: flight(64, (over) => fs.access('/', over)),
  Messages: messages({ ID: 1, Text: 'hello' }),
  Maps: messages({ ID: 1, Text: 'hello' }),
  Numbers: messages(1),
};

// messages measures its own time: a worker's start is no part of it.
function messages(message) {
  return (n) => new Promise((resolve) => {
    const worker = new Worker(__filename);
    let left = n, back = -1, began;
    const send = () => { if (left-- > 0) worker.postMessage(message); };
    worker.on('message', () => {
      if (++back === 0) {
        began = process.hrtime.bigint();
        for (let i = 0; i < 64; i++) send();
        return;
      }
      send();
      if (back === n) {
        const took = Number(process.hrtime.bigint() - began);
        worker.terminate().then(() => resolve(took));
      }
    });
    worker.postMessage(message); // its answer says that the worker runs
  });
}

// nanoseconds runs an operation until it took long enough.
async function nanoseconds(operation) {
  for (let n = 1000; ; n *= 2) {
    const began = process.hrtime.bigint();
    const own = await operation(n);
    const took = own ?? Number(process.hrtime.bigint() - began);
    if (took >= longEnough * 1e6) return took / n;
  }
}

// bytes gives the heap of a pending timer; it needs --expose-gc.
function bytes() {
  const timers = 1_000_000, never = () => {};
  global.gc();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < timers; i++) setTimeout(never, (1 + i % 1000) * 1000);
  global.gc();
  return (process.memoryUsage().heapUsed - before) / timers;
}

function serve() {
  const server = http.createServer((req, res) => {
    res.setHeader('Content-Type', 'text/plain; charset=utf-8');
    res.end('Hello World\n');
  });
  server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
  process.stdin.on('end', () => process.exit()).resume(); // not to outlive who started it
}

async function main(name) {
  if (name === 'http') return serve();
  if (name === 'PendingTimers') {
    console.log(bytes());
    process.exit();
  }
  console.log(await nanoseconds(operations[name]));
}

if (isMainThread) main(process.argv[2]);
else parentPort.on('message', (message) => parentPort.postMessage(message));
