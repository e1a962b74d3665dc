// Usage: node starvation.cjs 'recursive tick' | 'recursive immediate'
const fs = require('fs');

const rounds = 10;
const [again, name] = process.argv[2] === 'recursive immediate'
  ? [setImmediate, 'immediate']
  : [process.nextTick, 'tick'];

function work(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

let round = 0;
function recurse() {
  console.log(`${name} ${++round}`);
  work(1);
  if (round < rounds) again(recurse); // without this bound a tick never lets go
}

setTimeout(() => console.log('timeout of 1 ms'), 1);
fs.stat(__filename, () => console.log('file read'));
again(recurse);
