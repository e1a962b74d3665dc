// Loaded before a program: keeps each line that it prints with the phase that
// Node's own async hooks tell and the time since the program began, and writes
// them as JSON in the end.
'use strict';
const { createHook, executionAsyncId } = require('async_hooks');
const { writeSync } = require('fs');
const { performance } = require('perf_hooks');

const queues = { TickObject: 'tick', PROMISE: 'microtask', Microtask: 'microtask' };
const phases = { Timeout: 'timers', Immediate: 'check', PIPECONNECTWRAP: 'pending', PIPEWRAP: 'close' };

const types = new Map();
const lines = [];
let phase = 'main';

createHook({
  init(id, type) { types.set(id, type); },
  before(id) {
    const type = types.get(id);
    if (!(type in queues)) phase = phases[type] ?? 'poll';
  },
}).enable();

process.prependListener('beforeExit', () => { phase = 'beforeExit'; });
process.on('exit', () => writeSync(1, JSON.stringify({ version: process.version, lines })));

const began = performance.now();
console.log = (text) => {
  const at_ms = performance.now() - began;
  lines.push({ text, phase, queue: queues[types.get(executionAsyncId())] ?? '', at_ms });
};
