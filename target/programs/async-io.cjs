// Usage: node async-io.cjs PART FILE
const fs = require('fs/promises');

console.log('start');
fs.readFile(process.argv[3] ?? __filename, 'utf8').then(() => console.log('done'));
console.log('end');
