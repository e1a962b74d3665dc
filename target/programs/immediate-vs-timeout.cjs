// Usage: node immediate-vs-timeout.cjs 'top level' | 'inside an I/O callback'
const fs = require('fs');

function both() {
  setTimeout(() => console.log('timeout'), 0);
  setImmediate(() => console.log('immediate'));
}

if (process.argv[2] === 'inside an I/O callback') {
  fs.stat(__filename, () => {
    console.log('I/O callback');
    both();
  });
} else {
  both();
}
