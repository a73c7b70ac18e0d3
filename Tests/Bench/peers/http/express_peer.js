// GET one, GET a page, POST with Express and pg, as its users write them: prepared statements, a pool, node-redis.
const crypto = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')
const express = require('express')
const { Pool } = require('pg')
const redis = require('redis')

const columns = process.env.COLUMNS_READ
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 16 })
const script = fs.readFileSync(path.join(__dirname, 'enqueue.lua'), 'utf8')
const client = redis.createClient({ url: process.env.REDIS_URL })
const camel = Object.fromEntries(columns.split(',').map(name => [name, name.replace(/_(.)/g, (_, letter) => letter.toUpperCase())]))
const answer = row => Object.fromEntries(Object.entries(row).map(([name, value]) => [camel[name], value]))

const app = express()
app.disable('x-powered-by')
app.use(express.json())

const failing = handler => (request, response) => handler(request, response).catch(error => response.status(500).json({ error: String(error) }))

app.get('/api/stores/:id', failing(async (request, response) => {
  const { rows } = await pool.query({
    name: 'one', text: `SELECT ${columns} FROM stores WHERE id = $1 AND owner = $2 AND deleted_at IS NULL`,
    values: [request.params.id, request.get('X-User-Id')],
  })
  if (rows.length === 0) return response.status(404).json({ error: 'no such store' })
  response.json({ store: answer(rows[0]) })
}))

app.get('/api/stores', failing(async (request, response) => {
  const { rows } = await pool.query({
    name: 'page', text: `SELECT ${columns} FROM stores WHERE owner = $1 AND deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT $2`,
    values: [request.get('X-User-Id'), Number(request.query.limit)],
  })
  response.json({ stores: rows.map(answer) })
}))

app.post('/api/stores', failing(async (request, response) => {
  const { name, engine } = request.body
  if (typeof name !== 'string' || !name || !['woocommerce', 'medusa'].includes(engine)) return response.status(400).json({ error: 'bad store' })
  const owner = request.get('X-User-Id')
  const id = crypto.randomBytes(6).toString('hex')
  const namespace = `store-${name}`
  const connection = await pool.connect()
  let job
  try {
    await connection.query('BEGIN')
    for (const scope of ['total', `user:${owner}`]) {
      const { rows } = await connection.query({
        name: 'count',
        text: 'INSERT INTO peer_usage AS u VALUES ($1, 1) ON CONFLICT (scope) DO UPDATE SET used = u.used + 1 WHERE u.used < 1000000 RETURNING used',
        values: [scope],
      })
      if (rows.length === 0) throw new Error('the quota is used up')
    }
    await connection.query({
      name: 'store', text: "INSERT INTO peer_stores (id, name, engine, status, namespace, owner) VALUES ($1, $2, $3, 'provisioning', $4, $5)",
      values: [id, name, engine, namespace, owner],
    })
    const { rows } = await connection.query({
      name: 'job', text: "INSERT INTO peer_jobs (store_id, kind) VALUES ($1, 'provision') RETURNING id", values: [id],
    })
    job = rows[0].id
    await connection.query('COMMIT')
  } catch (error) {
    await connection.query('ROLLBACK')
    throw error
  } finally {
    connection.release()
  }
  const options = { keys: [`peer:job:${job}`, 'peer:queue'], arguments: [job, id, namespace] }
  await client.evalSha(client.scriptDigest, options)
  response.status(202).json({ store: { id, name, engine, status: 'provisioning', namespace, userId: owner }, job })
}))

client.connect().then(async () => {
  client.scriptDigest = await client.scriptLoad(script)
  app.listen(Number(process.env.PORT), '127.0.0.1')
})
