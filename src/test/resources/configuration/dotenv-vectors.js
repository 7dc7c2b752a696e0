// Records what npm's dotenv reads: node dotenv-vectors.js <path of dotenv> > dotenv-vectors.json
const dotenv = require(process.argv[2]);
let seed = 42;
const random = n => (seed = (seed * 1103515 + 12345) % 2147483648, Math.floor(seed / 1024) % n);
const parts = ['A', 'B2', '2C', '=', '=', ':', ': ', '\'', '"', '`', '\\', '#', ' # ', ' ', '\n', '\n', '\r\n', '\r',
  '$', '${A}', '\\n', 'export ', 'é', 'ш', '\u0085', '\u00a0', '\u2028', 'x', 'y z', '\t', '.', '-'];
const texts = ['', 'KEY=value', 'KEY =  spaced out', 'export KEY=value', 'KEY=value # comment', 'KEY=a#b', 'KEY=',
  'KEY= # only', "KEY='single # $x \\n'", 'KEY="say \\"hi\\"" # c', 'KEY=`it\'s "both"`', 'KEY=a=b=c', 'KEY: value',
  '2FA=1', 'A=1\rB=2\r', "GREETING='tis the season\nDB_PASSWORD='s3cret'\n", 'A="C:\\dir\\"\nB=1\nC="x"\n',
  'NAME=Åse Berg\nCITY=Якутск хлеб', '\ufeffA=1', 'PEM="-----BEGIN\nabc=\n-----END"\nNEXT=1\n', 'stray\nA=1'];
for (let i = 0; i < 600; i++) {
  let text = random(3) ? 'K=' : '';
  for (let n = random(12) + 1; n > 0; n--) text += parts[random(parts.length)];
  texts.push(text);
}
console.log('[\n' + texts.map(t => JSON.stringify([t, dotenv.parse(Buffer.from(t))])).join(',\n') + '\n]');
