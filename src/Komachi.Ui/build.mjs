// Bundles what browsers get: styles.css → assets/komachi.css, scripts/komachi.js → assets/komachi.js.
// MSBuild calls this before a build (Komachi.Ui.csproj).
import { build } from 'esbuild'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

// Of the Digital Agency's tokens only those that a style sheet names: the rest would be a third of the bundle.
const usedTokens = {
  name: 'used-tokens',
  setup: ({ onLoad }) => onLoad({ filter: /design-tokens.dist.tokens\.css$/ }, ({ path }) => {
    const ours = readdirSync('.', { recursive: true })
      .filter(file => file.endsWith('.css') && !/^(node_modules|assets|bin|obj)\b/.test(file))
      .map(file => readFileSync(file, 'utf8')).join('')
    const kept = readFileSync(path, 'utf8').split('\n').filter(line => {
      const token = line.match(/^\s*(--[\w-]+):/)?.[1]
      return !token || ours.includes(`var(${token})`)
    })
    return { contents: kept.join('\n'), loader: 'css' }
  })
}

await build({
  entryPoints: [{ in: 'styles.css', out: 'komachi' }, { in: 'scripts/komachi.js', out: 'komachi' }],
  outdir: 'assets',
  bundle: true,
  minify: true,
  charset: 'utf8',
  legalComments: 'none',
  target: ['chrome109', 'firefox115', 'safari15.4'],
  plugins: [usedTokens],
  logLevel: 'warning'
})

// What draws a page of a PDF, for the one page of the desk where places on forms are set: modules of their own, that no other page loads.
const pdf = 'node_modules/pdfjs-dist'
await build({
  entryPoints: [{ in: 'scripts/placing/placing.js', out: 'placing' }, { in: `${pdf}/legacy/build/pdf.worker.mjs`, out: 'placing-worker' }],
  outdir: 'assets',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  minify: true,
  format: 'esm',
  charset: 'utf8',
  legalComments: 'none',
  // What a browser does not have is not looked for.
  external: ['canvas', '@napi-rs/canvas', 'fs', 'http', 'https', 'url', 'module', 'path'],
  target: ['chrome109', 'firefox115', 'safari15.4'],
  logLevel: 'warning'
})
await build({ entryPoints: [{ in: 'scripts/placing/placing.css', out: 'placing' }], outdir: 'assets', minify: true, charset: 'utf8', logLevel: 'warning' })
// Tables of letters for Japanese fonts that stand in no file (MS 明朝 and the like), in one piece.
const tables = readdirSync(`${pdf}/cmaps`).filter(name => /^(Adobe-Japan1|(78|83|90|Add|Ext)?[a-z]*-?(RKSJ|EUC)|Uni[Jj][Ii][Ss]|[HV]\.|Hankaku|Hiragana|Katakana|Roman|WP-Symbol)/.test(name))
writeFileSync('assets/placing-cmaps.json', JSON.stringify(Object.fromEntries(tables.map(name => [name.replace('.bcmap', ''), readFileSync(`${pdf}/cmaps/${name}`).toString('base64')]))))
