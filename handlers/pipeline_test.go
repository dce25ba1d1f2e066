package handlers_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"heyq/dispatch"
	"heyq/handlers"
	"heyq/heygen"
	"heyq/heygen/simulator"
	"heyq/internal/testkit"
	"heyq/jobs"
	"heyq/media"
	"heyq/operate"
	"heyq/store"
	"heyq/store/postgres/postgrestest"
)

// TestMain lets more tests run at once than there are processors: most of them wait
// for a video on its way.
func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "8") // the command line has the last word
	testkit.Main(m)
}

// pipeline is the whole way of a video on real Postgres and Redis, without the
// HTTP API.
type pipeline struct {
	database    string // its URL
	store       store.Store
	server      *testkit.RedisServer
	redis       *redis.Client
	client      *jobs.Client
	dispatcher  *dispatch.Dispatcher
	meter       *operate.Meter
	handlers    *handlers.Handlers
	concurrency map[jobs.Queue]int
	simulator   *simulator.Simulator
	library     *media.Library
	dir         string
	log         zerolog.Logger
}

// newPipeline returns a pipeline that runs until the test ends.
func newPipeline(t *testing.T, slots int, renderTime time.Duration) *pipeline {
	t.Helper()
	p := newStill(t, slots, renderTime)
	p.run(t)
	return p
}

// newStill returns a pipeline in which nothing moves yet.
func newStill(t *testing.T, slots int, renderTime time.Duration, change ...func(*handlers.Options)) *pipeline {
	t.Helper()
	p := &pipeline{
		dir: t.TempDir(), log: zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.WarnLevel),
		concurrency: map[jobs.Queue]int{
			jobs.CreateQueue: 20, jobs.PollQueue: 4, jobs.DownloadQueue: 16,
			jobs.AnalyticsQueue: 4, jobs.NotifyQueue: 1, jobs.MaintenanceQueue: 1,
		},
	}
	p.openStore(t)
	p.openRedis(t)
	api := p.openHeyGen(t, slots, renderTime)
	sender := dispatch.NewSender(p.redis, p.store)
	p.dispatcher = dispatch.New(dispatch.Options{Store: p.store, Sender: sender, Slots: slots, Window: 1000, Log: p.log})
	p.client = jobs.NewClient(p.store, jobs.WithWake(p.dispatcher.Wake))
	p.meter = operate.NewMeter(p.redis)
	o := handlers.Options{
		Count: p.meter.Done,
		Store: p.store, HeyGen: api, Media: p.library, Sender: sender, Wake: p.dispatcher.Wake, Now: time.Now, Log: p.log,
		Concurrency: p.concurrency, Lease: store.DefaultTiming.Lease, PollInterval: 50 * time.Millisecond,
		NotFoundAfter: 30 * time.Minute, SearchInterval: time.Minute,
	}
	for _, c := range change {
		c(&o)
	}
	p.handlers = handlers.New(o)
	return p
}

func (p *pipeline) openStore(t *testing.T) {
	t.Helper()
	p.database = postgrestest.URL(t)
	p.store = postgrestest.Open(t, p.database)
}

func (p *pipeline) openRedis(t *testing.T) {
	t.Helper()
	p.server = testkit.StartRedis(t)
	options, err := redis.ParseURL(p.server.URL())
	if err != nil {
		t.Fatal(err)
	}
	p.redis = redis.NewClient(options)
	t.Cleanup(func() { _ = p.redis.Close() })
}

func (p *pipeline) openHeyGen(t *testing.T, slots int, renderTime time.Duration) *heygen.Client {
	t.Helper()
	var err error
	p.simulator, err = simulator.New(simulator.Options{RenderTime: renderTime, Concurrency: slots})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(p.simulator)
	t.Cleanup(web.Close)
	p.library, err = media.Open(t.Context(), media.Options{URL: filepath.Join(p.dir, "media"), Spool: filepath.Join(p.dir, "spool"), Private: func(string) bool { return true }})
	if err != nil {
		t.Fatal(err)
	}
	api, err := heygen.New(heygen.Options{BaseURL: web.URL, APIKey: "key"})
	if err != nil {
		t.Fatal(err)
	}
	return api
}

// run starts the dispatcher, the leases and a server for each queue.
func (p *pipeline) run(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var servers []*asynq.Server
	for _, queue := range jobs.Queues {
		s := asynq.NewServerFromRedisClient(p.redis, asynq.Config{
			Queues: map[string]int{string(queue): 1}, Concurrency: p.concurrency[queue],
			TaskCheckInterval: 20 * time.Millisecond, Logger: dispatch.AsynqLog(p.log),
		})
		if err := s.Start(p.handlers); err != nil {
			t.Fatal(err)
		}
		servers = append(servers, s)
	}
	var parts sync.WaitGroup
	parts.Go(func() { _ = p.dispatcher.Run(ctx, dispatch.Tick) })
	parts.Go(func() { _ = p.handlers.Run(ctx) })
	parts.Go(func() { _ = p.meter.Run(ctx) })
	t.Cleanup(func() {
		for _, s := range servers {
			s.Shutdown()
		}
		cancel()
		parts.Wait()
	})
}

func (p *pipeline) waitFor(t *testing.T, state store.State, n int) {
	t.Helper()
	testkit.Eventually(t, func() error {
		counts, err := p.store.Counts(t.Context())
		if err != nil {
			return err
		}
		if counts[state] != n {
			return fmt.Errorf("%v", counts)
		}
		return nil
	})
}

func TestPipeline_real(t *testing.T) {
	t.Parallel()
	const n, slots = 60, 7
	p := newPipeline(t, slots, 200*time.Millisecond)
	list := make([]jobs.NewVideo, n)
	for i := range list {
		list[i] = jobs.NewVideo{
			Title:  fmt.Sprintf("Video %d", i),
			Render: jobs.Render{Script: "Hello Ada", AvatarID: "avatar_1", VoiceID: "voice_1", Caption: true},
		}
	}
	created, err := p.client.CreateVideos(t.Context(), list)
	if err != nil {
		t.Fatal(err)
	}
	p.waitFor(t, store.Completed, n)

	ledger := p.simulator.Ledger()
	if ledger.Accepted != n || len(ledger.Renders) != n {
		t.Errorf("%d renders were accepted for %d videos", ledger.Accepted, n)
	}
	if ledger.MaxInFlight > slots {
		t.Errorf("%d renders were in flight with %d slots", ledger.MaxInFlight, slots)
	}
	for _, c := range created {
		p.checkFile(t, c)
	}
	if left := partFiles(t, p.dir); len(left) > 0 {
		t.Errorf("part files are left: %v", left)
	}
}

// checkFile reads what was published for a video, and the video's own word.
func (p *pipeline) checkFile(t *testing.T, created store.Video) {
	t.Helper()
	v, err := p.store.Video(t.Context(), store.Everyone(), created.ID)
	if err != nil {
		t.Fatal(err)
	}
	object, err := p.library.Open(t.Context(), v.MediaPrefix+media.VideoName)
	if err != nil {
		t.Fatal(err)
	}
	defer object.Close()
	content, err := io.ReadAll(object)
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(content)) != v.File.Bytes || v.File.Duration <= 0 || v.File.Width == 0 {
		t.Errorf("the file has %d bytes, the row says %+v", len(content), v.File)
	}
	// The simulator writes each video's title into its file.
	if !strings.Contains(string(content), `[heyq `+v.ID.String()) || !strings.Contains(string(content), v.HeyGenID) {
		t.Errorf("video %s holds another video's file", v.ID)
	}
	var states []store.State
	for _, e := range v.Timeline {
		states = append(states, e.State)
	}
	if got, want := fmt.Sprint(states), "[queued submitting rendering downloading completed]"; got != want {
		t.Errorf("timeline is %s", got)
	}
}

func partFiles(t *testing.T, dir string) (parts []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".part") {
			parts = append(parts, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return parts
}

func TestPipeline_refused_fails_with_HeyGens_words_real(t *testing.T) {
	t.Parallel()
	p := newPipeline(t, 3, 0)
	v, err := p.client.CreateVideo(t.Context(), jobs.NewVideo{Render: jobs.Render{Script: "Hi", AvatarID: "nobody", VoiceID: "voice_1"}})
	if err != nil {
		t.Fatal(err)
	}
	p.waitFor(t, store.Failed, 1)
	v, err = p.store.Video(t.Context(), store.Everyone(), v.ID)
	if err != nil {
		t.Fatal(err)
	}
	if v.Failure.Code != "avatar_not_found" || v.Failure.Step != store.Create || v.MayBeBilled {
		t.Errorf("failed with %+v; may be billed: %v", v.Failure, v.MayBeBilled)
	}
	if accepted := p.simulator.Ledger().Accepted; accepted != 0 {
		t.Errorf("%d renders were accepted", accepted)
	}
}

func TestPipeline_survives_a_wiped_Redis_real(t *testing.T) {
	t.Parallel()
	const n, slots = 40, 10
	p := newPipeline(t, slots, 100*time.Millisecond)
	list := make([]jobs.NewVideo, n)
	for i := range list {
		list[i] = jobs.NewVideo{Render: jobs.Render{Script: "Hello Ada", AvatarID: "avatar_1"}}
	}
	if _, err := p.client.CreateVideos(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	for _, done := range []int{5, 15, 25} {
		testkit.Eventually(t, func() error {
			counts, err := p.store.Counts(t.Context())
			if err == nil && counts[store.Completed] < done {
				err = fmt.Errorf("%v", counts)
			}
			return err
		})
		if err := p.server.FlushAll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	p.waitFor(t, store.Completed, n)
	if ledger := p.simulator.Ledger(); ledger.Accepted != n || ledger.MaxInFlight > slots {
		t.Errorf("%d renders for %d videos, %d at once in %d slots", ledger.Accepted, n, ledger.MaxInFlight, slots)
	}
}
