// A callback of each phase that JavaScript can reach, set up from poll so that
// their order is fixed.
const fs = require('fs');
const net = require('net');

console.log('main program');
fs.stat(__filename, () => {
  console.log('I/O done');
  process.nextTick(() => console.log('tick'));
  Promise.resolve().then(() => console.log('promise job'));
  setImmediate(() => console.log('immediate'));
  setTimeout(() => console.log('timeout'), 3);
  net.connect('/nonexistent/looptest.sock') // its error is reported late
    .on('error', () => console.log('late I/O error'))
    .on('close', () => console.log('socket closed'));
});
process.once('beforeExit', () => console.log('nothing left'));
