'use strict';
// A server on Node that works in each way that detect tells apart. Settings come
// from the environment: PORT, WORKERS, CLUSTER (processes).
const http = require('http');
const crypto = require('crypto');
const fs = require('fs');
const cluster = require('cluster');
const { Worker, isMainThread, parentPort } = require('worker_threads');

const now = () => Number(process.hrtime.bigint()) / 1e6;

function burn(ms) {
  for (const until = now() + ms; now() < until;);
}

function sleep(ms) { // holds its thread, without work
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function inChunks(n, ms, done) {
  let i = 0;
  const step = () => {
    burn(ms);
    if (++i < n) setImmediate(step); else done();
  };
  step();
}

function starve(ms, done) {
  const until = now() + ms;
  const again = () => (now() < until ? process.nextTick(again) : done());
  again();
}

function allocate(ms) { // much garbage, and the collections that follow from it
  let kept = [];
  for (const until = now() + ms; now() < until;) {
    kept.push({ text: 'x'.repeat(100), list: [1, 2, 3] });
    if (kept.length > 50000) kept = [];
  }
  return kept.length;
}

// A fixed number of workers with a queue before them.
function workerPool(size) {
  const idle = [];
  const waiting = [];
  const next = () => {
    while (idle.length && waiting.length) {
      const worker = idle.pop();
      const task = waiting.shift();
      worker.done = task.done;
      worker.postMessage(task.message);
    }
  };
  for (let i = 0; i < size; i++) {
    const worker = new Worker(__filename);
    worker.on('message', () => {
      const { done } = worker;
      idle.push(worker);
      next();
      done();
    });
    idle.push(worker);
  }
  return (message, done) => {
    waiting.push({ message, done });
    next();
  };
}

function serve() {
  const onWorker = workerPool(Number(process.env.WORKERS || 0));
  http.createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    const ms = Number(url.searchParams.get('ms') || 0);
    const n = Number(url.searchParams.get('n') || 0);
    const done = () => response.end('done\n');
    switch (url.pathname) {
      case '/ok': return done();
      case '/block': burn(ms); return done();
      case '/chunk': return inChunks(n, ms, done);
      case '/starve': return starve(ms, done);
      case '/late': return setTimeout(() => { burn(ms); done(); }, n);
      case '/early': burn(ms); return setTimeout(done, n);
      case '/wait': return setTimeout(done, ms);
      case '/allocate': allocate(ms); return done();
      case '/hash': return crypto.pbkdf2('pw', 'salt', n, 64, 'sha512', done);
      case '/hash-sync': crypto.pbkdf2Sync('pw', 'salt', n, 64, 'sha512'); return done();
      case '/file': return fs.readFile(__filename, done);
      case '/worker': return onWorker({ burn: ms }, done);
      case '/worker-sleep': return onWorker({ sleep: ms }, done);
      default:
        response.statusCode = 404;
        return done();
    }
  }).listen(Number(process.env.PORT), '127.0.0.1');
}

if (!isMainThread) {
  parentPort.on('message', (task) => {
    if (task.burn) burn(task.burn); else sleep(task.sleep);
    parentPort.postMessage(0);
  });
} else if (process.env.CLUSTER && cluster.isPrimary) {
  for (let i = 0; i < Number(process.env.CLUSTER); i++) cluster.fork();
  process.on('SIGTERM', () => process.exit(0));
} else {
  serve();
}
