// GET one, GET a page, POST with net/http, pgx and redigo.
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/jackc/pgx/v4"
	"github.com/jackc/pgx/v4/pgxpool"
)

type store struct {
	ID                    string     `json:"id"`
	Name                  string     `json:"name"`
	Engine                string     `json:"engine"`
	Status                string     `json:"status"`
	Namespace             string     `json:"namespace"`
	Owner                 *string    `json:"owner"`
	URL                   *string    `json:"url"`
	ErrorMessage          *string    `json:"errorMessage"`
	CreatedAt             time.Time  `json:"createdAt"`
	UpdatedAt             time.Time  `json:"updatedAt"`
	ProvisioningStartedAt *time.Time `json:"provisioningStartedAt"`
	ReadyAt               *time.Time `json:"readyAt"`
	Replicas              int32      `json:"replicas"`
	PodsRunning           int32      `json:"podsRunning"`
	PodRestarts           int32      `json:"podRestarts"`
}

func (s *store) places() []interface{} {
	return []interface{}{&s.ID, &s.Name, &s.Engine, &s.Status, &s.Namespace, &s.Owner, &s.URL, &s.ErrorMessage, &s.CreatedAt, &s.UpdatedAt,
		&s.ProvisioningStartedAt, &s.ReadyAt, &s.Replicas, &s.PodsRunning, &s.PodRestarts}
}

var (
	columns = os.Getenv("COLUMNS_READ")
	pool    *pgxpool.Pool
	cache   = &redis.Pool{MaxIdle: 16, Dial: func() (redis.Conn, error) { return redis.DialURL(os.Getenv("REDIS_URL")) }}
	enqueue *redis.Script
	errFull = errors.New("the quota is used up")
)

func respond(w http.ResponseWriter, status int, body interface{}) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func fail(w http.ResponseWriter, status int, err error) {
	respond(w, status, map[string]string{"error": err.Error()})
}

func one(w http.ResponseWriter, r *http.Request) {
	var s store
	row := pool.QueryRow(r.Context(), "SELECT "+columns+" FROM stores WHERE id = $1 AND owner = $2 AND deleted_at IS NULL",
		strings.TrimPrefix(r.URL.Path, "/api/stores/"), r.Header.Get("X-User-Id"))
	if err := row.Scan(s.places()...); err != nil {
		fail(w, http.StatusNotFound, err)
		return
	}
	respond(w, http.StatusOK, map[string]*store{"store": &s})
}

func page(w http.ResponseWriter, r *http.Request) {
	limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil {
		fail(w, http.StatusBadRequest, err)
		return
	}
	rows, err := pool.Query(r.Context(), "SELECT "+columns+
		" FROM stores WHERE owner = $1 AND deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT $2", r.Header.Get("X-User-Id"), limit)
	if err != nil {
		fail(w, http.StatusInternalServerError, err)
		return
	}
	defer rows.Close()
	stores := make([]store, 0, limit)
	for rows.Next() {
		stores = append(stores, store{})
		if err := rows.Scan(stores[len(stores)-1].places()...); err != nil {
			fail(w, http.StatusInternalServerError, err)
			return
		}
	}
	respond(w, http.StatusOK, map[string][]store{"stores": stores})
}

func create(w http.ResponseWriter, r *http.Request) {
	var body struct{ Name, Engine string }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body.Name == "" || (body.Engine != "woocommerce" && body.Engine != "medusa") {
		fail(w, http.StatusBadRequest, errors.New("bad store"))
		return
	}
	owner, ctx := r.Header.Get("X-User-Id"), r.Context()
	bytes := make([]byte, 6)
	_, _ = rand.Read(bytes)
	id, namespace := hex.EncodeToString(bytes), "store-"+body.Name
	var job int64
	err := pool.BeginFunc(ctx, func(tx pgx.Tx) error {
		for _, scope := range []string{"total", "user:" + owner} {
			tag, err := tx.Exec(ctx, "INSERT INTO peer_usage AS u VALUES ($1, 1) ON CONFLICT (scope) DO UPDATE SET used = u.used + 1 WHERE u.used < 1000000", scope)
			if err != nil {
				return err
			}
			if tag.RowsAffected() == 0 {
				return errFull
			}
		}
		if _, err := tx.Exec(ctx, "INSERT INTO peer_stores (id, name, engine, status, namespace, owner) VALUES ($1, $2, $3, 'provisioning', $4, $5)",
			id, body.Name, body.Engine, namespace, owner); err != nil {
			return err
		}
		return tx.QueryRow(ctx, "INSERT INTO peer_jobs (store_id, kind) VALUES ($1, 'provision') RETURNING id", id).Scan(&job)
	})
	if err == nil {
		connection := cache.Get()
		_, err = enqueue.Do(connection, "peer:job:"+strconv.FormatInt(job, 10), "peer:queue", job, id, namespace)
		connection.Close()
	}
	if err != nil {
		fail(w, http.StatusInternalServerError, err)
		return
	}
	made := map[string]string{"id": id, "name": body.Name, "engine": body.Engine, "status": "provisioning", "namespace": namespace, "userId": owner}
	respond(w, http.StatusAccepted, map[string]interface{}{"store": made, "job": job})
}

func main() {
	script, err := os.ReadFile(os.Getenv("ENQUEUE_SCRIPT"))
	if err != nil {
		log.Fatal(err)
	}
	enqueue = redis.NewScript(2, string(script))
	if pool, err = pgxpool.Connect(context.Background(), os.Getenv("DATABASE_URL")+"?pool_max_conns=16"); err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/api/stores/", one)
	http.HandleFunc("/api/stores", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			create(w, r)
		} else {
			page(w, r)
		}
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
