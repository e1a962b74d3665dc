// Run it with UV_THREADPOOL_SIZE=4, and with 8.
const crypto = require('crypto');

for (let i = 1; i <= 8; i++) {
  crypto.pbkdf2('pw', 'salt', 100000, 64, 'sha512', () => console.log(`hash ${i}`));
}
