// What an application does with the library that Belay's files are made for.
// usage: node nedb.js <command> <directory of node_modules> <arguments…>
const path = require('path')
const fs = require('fs')
const [command, modules, ...args] = process.argv.slice(2)
const Datastore = require(path.join(modules, '@seald-io', 'nedb'))

const open = async filename => {
  const db = new Datastore({ filename })
  await db.loadDatabaseAsync()
  return db
}

// Dates as the files have them, fields in one order: for comparing in another language.
const plain = value => {
  if (value instanceof Date) return { $$date: value.getTime() }
  if (Array.isArray(value)) return value.map(plain)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.keys(value).sort().map(key => [key, plain(value[key])]))
}

const commands = {
  // Legacy files with all that an application does to them.
  async write (directory) {
    const users = await open(path.join(directory, 'users.db'))
    await users.ensureIndexAsync({ fieldName: 'email', unique: true })
    await users.ensureIndexAsync({ fieldName: ['last', 'first'] })
    await users.insertAsync([
      { _id: 'u1', email: 'a@b', born: new Date(1e12), tags: ['x', 'y'], deep: { a: [{ b: null }] } },
      { _id: 'u2', email: 'c@d', first: 'Ada', last: 'Lovelace' },
      { _id: 3, email: 'e@f', text: 'quote " backslash \\ tab \t é ✓ \u{1F600}' },
      { _id: 'gone', email: 'g@h' }
    ])
    await users.updateAsync({ _id: 'u1' }, { $set: { n: 0.1 + 0.2, big: 1e300 } }, {})
    await users.removeAsync({ _id: 'gone' }, {})
    const events = await open(path.join(directory, 'events.db'))
    await events.insertAsync([{ _id: 'u1', title: 'same id as a user' }, { title: 'made by the library' }])
    const admins = await open(path.join(directory, 'admin-users.db'))
    await admins.insertAsync({ _id: 'a1', level: 1, password: args[1] })
    await open(path.join(directory, 'roles.db'))
  },

  // All documents of legacy files, by collection and id.
  async legacy (directory) {
    const all = {}
    for (const file of fs.readdirSync(directory).filter(name => name.endsWith('.db'))) {
      const copy = path.join(fs.mkdtempSync(path.join(directory, 'copy-')), file)
      fs.copyFileSync(path.join(directory, file), copy) // the library writes a file anew when it opens it
      for (const doc of (await open(copy)).getAllData()) all[path.basename(file, '.db') + '/' + doc._id] = plain(doc)
      fs.rmSync(path.dirname(copy), { recursive: true })
    }
    console.log(JSON.stringify(all))
  },

  // All documents of a new file as they were, and its indexes.
  async migrated (file) {
    const db = await open(file)
    const all = {}
    for (const doc of db.getAllData()) {
      const { _collection, _legacy, ...rest } = doc
      const original = { ...rest, ...(_legacy || {}) }
      all[_collection + '/' + original._id] = plain(original)
    }
    const indexes = Object.values(db.indexes).map(i => [i.fieldName, i.unique, i.sparse])
    console.log(JSON.stringify({ all, indexes }))
  },

  // What Belay's migration does, with the library's own means. It opens, and so writes anew, the legacy files.
  async migrate (legacy, store, ...collections) {
    for (const file of ['admin', 'application']) {
      const db = await open(path.join(store, file + '.db'))
      for (const collection of collections.filter(name => name.startsWith(file + ':'))) {
        const name = collection.slice(file.length + 1)
        const docs = (await open(path.join(legacy, name + '.db'))).getAllData()
        await db.insertAsync(docs.map(doc => ({ _collection: name, ...doc })))
      }
    }
    console.log(JSON.stringify({ kilobytes: process.resourceUsage().maxRSS }))
  },

  // Answers of the library to finds: {query, sort, skip, limit, projection}, one list for each.
  async find (file, requests) {
    const copy = path.join(fs.mkdtempSync(path.join(path.dirname(file), 'copy-')), 'copy.db')
    fs.copyFileSync(file, copy)
    const db = await open(copy)
    const dates = value => {
      if (Array.isArray(value)) return value.map(dates)
      if (value === null || typeof value !== 'object') return value
      if ('$$date' in value) return new Date(value.$$date)
      const copied = {}
      for (const key of Object.keys(value)) {
        if (key === '$options') continue
        copied[key] = key === '$regex' ? new RegExp(value.$regex, value.$options || '') : dates(value[key])
      }
      return copied
    }
    const answers = []
    for (const request of JSON.parse(fs.readFileSync(requests, 'utf8'))) {
      const cursor = db.findAsync(dates(request.query || {}))
      if (request.sort) cursor.sort(request.sort)
      if (request.skip) cursor.skip(request.skip)
      if (request.limit) cursor.limit(request.limit)
      if (request.projection) cursor.projection(request.projection)
      answers.push(await cursor.then(docs => docs.map(plain), error => 'refused: ' + error.message))
    }
    console.log(JSON.stringify(answers))
  },

  // What an application does with a new file once it uses it.
  async use (file) {
    const db = await open(file)
    const answers = {}
    answers.users = await db.countAsync({ _collection: 'users' })
    answers.born = (await db.findOneAsync({ _collection: 'users', born: new Date(1e12) }))._id
    answers.byIndex = (await db.findOneAsync({ email: 'c@d' })).first
    answers.refused = await db.insertAsync({ _collection: 'users', email: 'a@b' }).then(() => false, e => e.errorType === 'uniqueViolated')
    await db.insertAsync([{ _collection: 'events', title: 'no email' }, { _collection: 'events', title: 'nor here' }])
    await db.updateAsync({ _id: 'u2' }, { $set: { last: 'Byron' } }, {})
    await db.removeAsync({ _id: 3 }, {})
    console.log(JSON.stringify(answers))
  }
}

commands[command](...args).catch(error => {
  console.error(error)
  process.exit(1)
})
