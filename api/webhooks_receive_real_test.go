package api_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"

	"heyq/api"
	"heyq/internal/heygenhook"
	"heyq/internal/testkit"
	"heyq/internal/testservers"
	"heyq/jobs"
	"heyq/store"
	"heyq/store/postgres"
)

// TestReceiver_forged_real and BenchmarkReceiver_forged_real let strangers
// hammer the webhook while HeyGen delivers. Whatever a stranger sends changes no
// row of any table; what HeyGen sends reaches its video, and in time.
func TestReceiver_forged_real(t *testing.T) {
	t.Parallel()
	newSiege(t, testkit.Postgres(t), 100).run(t, 500)
}

func BenchmarkReceiver_forged_real(b *testing.B) {
	url, err := testkit.StartPostgres(b, testservers.Durable()).CreateDatabase(b.Context(), "heyq", "")
	if err != nil {
		b.Fatal(err)
	}
	s := newSiege(b, url, 1000)
	for b.Loop() {
		took := s.run(b, 10_000)
		b.ReportMetric(took(0.50), "p50-ms")
		b.ReportMetric(took(0.99), "p99-ms")
		b.ReportMetric(took(1), "max-ms")
	}
}

// siege is an API on a database with two kinds of renders: those that HeyGen
// tells of, and those that strangers want to have told of.
type siege struct {
	url    string
	links  *heygenhook.Links
	counts *api.Deliveries
	db     *pgx.Conn
	real   []uuid.UUID
	aimed  []uuid.UUID
	rounds int
}

func newSiege(tb testing.TB, database string, renders int) *siege {
	tb.Helper()
	db, err := postgres.Open(tb.Context(), database)
	must(tb, err)
	tb.Cleanup(func() { _ = db.Close() })
	_, err = db.Migrate(tb.Context())
	must(tb, err)
	must(tb, db.SaveEndpoint(tb.Context(), store.Endpoint{ID: "e", URL: "https://heyq.example/webhooks/heygen", Secret: newSecret}))
	links, err := heygenhook.NewLinks("https://heyq.example", "key")
	must(tb, err)
	s := &siege{links: links, counts: &api.Deliveries{}}
	server := httptest.NewServer(api.New(api.Options{
		Client: jobs.NewClient(db), Links: links, Deliveries: s.counts, Logger: zerolog.Nop(),
		Keyring: heygenhook.NewKeyring(func(ctx context.Context) (secrets []string, err error) {
			endpoints, err := db.Endpoints(ctx)
			for _, e := range endpoints {
				secrets = append(secrets, e.Secret)
			}
			return secrets, err
		}),
	}))
	tb.Cleanup(server.Close)
	s.url = server.URL
	s.db, err = pgx.Connect(tb.Context(), database)
	must(tb, err)
	tb.Cleanup(func() { _ = s.db.Close(context.WithoutCancel(tb.Context())) })
	s.real, s.aimed = rendering(tb, db, renders), rendering(tb, db, renders)
	return s
}

// rendering creates n videos that HeyGen has accepted, their looks far off.
func rendering(tb testing.TB, db store.Store, n int) []uuid.UUID {
	tb.Helper()
	videos, ids := make([]store.NewVideo, n), make([]uuid.UUID, n)
	for i := range videos {
		ids[i] = uuid.Must(uuid.NewV7())
		videos[i] = store.NewVideo{ID: ids[i], UserID: store.DefaultUser, Title: "Hello", Request: []byte(`{"script":"Hello","avatar_id":"a"}`)}
	}
	_, err := db.CreateVideos(tb.Context(), store.Creation{Videos: videos})
	must(tb, err)
	claims, err := db.Admit(tb.Context(), 1_000_000)
	must(tb, err)
	runs, err := db.Begin(tb.Context(), store.Create, claims)
	must(tb, err)
	ends := make([]store.End, len(runs))
	for i, run := range runs {
		ends[i] = store.Accepted(run, "hey_"+run.Video.String(), 24*time.Hour)
	}
	ended, err := db.End(tb.Context(), ends)
	must(tb, err)
	if len(ended) != n {
		tb.Fatalf("%d videos are rendering, want %d", len(ended), n)
	}
	return ids
}

// run sends so many forged deliveries from 8 connections, as fast as they are
// answered, and meanwhile one real delivery for each real render from 2. It
// returns how long the real ones took: the quantile, in milliseconds.
func (s *siege) run(tb testing.TB, forged int) func(quantile float64) float64 {
	tb.Helper()
	s.rounds++
	before := s.picture(tb)
	already := s.counts.Accepted.Load()
	var all sync.WaitGroup
	var sent atomic.Int64
	for range 8 {
		all.Go(func() {
			for i := sent.Add(1); i <= int64(forged); i = sent.Add(1) {
				s.forge(tb, int(i))
			}
		})
	}
	var mu sync.Mutex
	var took []time.Duration
	next := make(chan uuid.UUID)
	for range 2 {
		all.Go(func() {
			for video := range next {
				start := time.Now()
				s.deliver(tb, video)
				mu.Lock()
				took = append(took, time.Since(start))
				mu.Unlock()
			}
		})
	}
	for i, video := range s.real {
		testkit.Eventually(tb, func() error { // evenly among the forged
			if want := int64(i * forged / len(s.real)); sent.Load() < want {
				return fmt.Errorf("%d forged deliveries are sent, want %d", sent.Load(), want)
			}
			return nil
		})
		next <- video
	}
	close(next)
	all.Wait()

	var hinted int
	testkit.Eventually(tb, func() error { // an answer does not wait for a database with much to do
		must(tb, s.db.QueryRow(tb.Context(), `SELECT count(*) FROM videos WHERE hinted AND due_at <= now() AND id = ANY ($1)`, s.real).Scan(&hinted))
		if hinted < len(s.real) {
			return fmt.Errorf("%d of %d real deliveries reached their videos", hinted, len(s.real))
		}
		return nil
	})
	if diff := cmp.Diff(before, s.picture(tb)); diff != "" {
		tb.Errorf("the forged deliveries changed something (-before +after):\n%s", diff)
	}
	refused := s.counts.Unsigned.Load() + s.counts.Forged.Load() + s.counts.Stale.Load()
	if s.counts.Accepted.Load()-already != int64(len(s.real)) || refused != int64(s.rounds*forged) {
		tb.Errorf("%d of %d real deliveries were accepted, %d of %d forged ones were counted", s.counts.Accepted.Load()-already, len(s.real), refused, s.rounds*forged)
	}
	slices.Sort(took)
	return func(quantile float64) float64 {
		return float64(took[min(int(quantile*float64(len(took))), len(took)-1)].Microseconds()) / 1000
	}
}

// picture sums up every row of every table, but for the renders that HeyGen
// tells of.
func (s *siege) picture(tb testing.TB) map[string]string {
	tb.Helper()
	rows, err := s.db.Query(tb.Context(), `SELECT table_name FROM information_schema.tables WHERE table_schema = 'heyq'`)
	must(tb, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(tb, err)
	sums := map[string]string{}
	for _, table := range tables {
		name, where := pgx.Identifier{table}.Sanitize(), "$1::uuid[] IS NOT NULL"
		if table == "videos" {
			where = "id <> ALL ($1)"
		}
		var sum string
		must(tb, s.db.QueryRow(tb.Context(),
			`SELECT count(*) || ' rows, ' || coalesce(md5(string_agg(t::text, '' ORDER BY t::text)), '') FROM `+name+` t WHERE `+where, s.real).Scan(&sum))
		sums[table] = sum
	}
	return sums
}

// deliver is HeyGen's own delivery: signed, or to the video's own address.
func (s *siege) deliver(tb testing.TB, video uuid.UUID) {
	if video[15]%2 == 0 {
		path := strings.TrimPrefix(s.links.Of(video), "https://heyq.example")
		s.post(tb, path, "{}", http.StatusOK)
		return
	}
	body := success(uuid.NewString(), "hey_"+video.String(), video)
	s.post(tb, heygenhook.Path, body, http.StatusOK, "Heygen-Signature", sign(body, newSecret))
}

// forge is the i-th delivery of a stranger.
func (s *siege) forge(tb testing.TB, i int) {
	video := s.aimed[i%len(s.aimed)]
	body := success(fmt.Sprintf("evt_%d", i), "hey_"+video.String(), video)
	now := strconv.FormatInt(time.Now().Unix(), 10)
	switch i % 6 {
	case 0:
		s.post(tb, heygenhook.Path, body, http.StatusUnauthorized)
	case 1:
		s.post(tb, heygenhook.Path, body, http.StatusUnauthorized, "Heygen-Signature", sign(body, "guessed"), "Heygen-Timestamp", now)
	case 2: // a real signature, of another body
		s.post(tb, heygenhook.Path, body+" ", http.StatusUnauthorized, "Signature", sign(body, newSecret))
	case 3: // overheard yesterday
		s.post(tb, heygenhook.Path, body, http.StatusUnauthorized, "Heygen-Signature", sign(body, newSecret), "Heygen-Timestamp", "1700000000")
	case 4:
		s.post(tb, heygenhook.Path, body+strings.Repeat(" ", 64<<10), http.StatusUnauthorized, "Signature", sign(body, "guessed"))
	case 5: // the address of another video
		token := s.links.Of(s.real[0])
		s.post(tb, heygenhook.Path+"/"+video.String()+token[strings.LastIndex(token, "/"):], "{}", http.StatusUnauthorized)
	}
}

func (s *siege) post(tb testing.TB, path, body string, status int, header ...string) {
	r, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, s.url+path, strings.NewReader(body))
	if err != nil {
		tb.Error(err)
		return
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := besieger.Do(r)
	if err != nil {
		tb.Error(err)
		return
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body)
	if answer.StatusCode != status {
		tb.Errorf("got %d, want %d", answer.StatusCode, status)
	}
}

// besieger keeps all of its connections.
var besieger = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
