// Bundles what browsers get: styles.css → assets/komachi.css, scripts/komachi.js → assets/komachi.js.
// MSBuild calls this before a build (Komachi.Ui.csproj).
import { build } from 'esbuild'
import { readdirSync, readFileSync } from 'node:fs'

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
