package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"heyq/dispatch"
	"heyq/heygen"
	"heyq/internal/testkit"
	"heyq/jobs"
	"heyq/store"
	"heyq/store/postgres"
	"heyq/store/postgres/postgrestest"
)

// An operator logs in, looks at the queues, pauses one and resumes it, and has
// an archived task run again: its video, which was rendered and paid for, is
// downloaded, and nothing is paid for twice.
func TestE2E_dashboard_real(t *testing.T) {
	t.Parallel()
	tab := testkit.Browser(t)
	simulator := serve(t, nil, "simulator at ", "simulator", "--addr", "127.0.0.1:0", "--render-time", "0s")
	database, queues := postgrestest.URL(t), testkit.Redis(t)
	const token = "a-token-of-the-operators"
	environ := []string{
		"DATABASE_URL=" + database, "REDIS_URL=" + queues, "HEYQ_DIR=" + t.TempDir(), "HEYQ_OPERATOR_TOKEN=" + token,
		"HEYGEN_API_URL=" + simulator, "HEYGEN_API_KEY=any", "HEYQ_POLL_INTERVAL=100ms",
	}
	video := failedDownload(t, database, simulator)
	archived := archiveDownload(t, queues, video)
	api := serve(t, environ, "API ", "api", "--addr", "127.0.0.1:0")
	serve(t, environ, "Redis ", "worker")

	s := somebody{t, tab}
	s.do(chromedp.Navigate(api + "/monitoring/"))
	s.login(token)
	for _, queue := range jobs.Queues {
		s.sees(fmt.Sprintf(`//a[text()=%q]`, queue))
	}
	const row = `//tr[.//a[text()="poll"]]`
	for _, want := range []string{"paused", "run"} {
		s.presses(row+`/td[last()]`, 1)
		s.sees(row + fmt.Sprintf(`//span[text()=%q]`, want))
		if info, err := archived.GetQueueInfo("poll"); err != nil || info.Paused != (want == "paused") {
			t.Errorf("poll is paused: %v (%v), and the page says %s", info.Paused, err, want)
		}
	}

	s.do(chromedp.Navigate(api + "/monitoring/queues/download?status=archived"))
	s.sees(`//td[text()="video:download"]`)
	s.presses(`//tr[td[text()="video:download"]]/td[last()]`, 2)
	s.do(chromedp.WaitNotPresent(`//td[text()="video:download"]`))
	user := append(environ, "HEYQ_URL="+api)
	heyq(t, user, "videos", "watch", "--interval", "100ms", video.String()).wantOK(t)
	if l, err := readLedger(t.Context(), simulator); err != nil || len(l.Renders) != 1 {
		t.Errorf("%d renders were billed (%v), want the one of before", len(l.Renders), err)
	}
}

// The dashboard in a process of its own knows the same token, and the same
// sessions.
func TestE2E_dashboard_alone_real(t *testing.T) {
	t.Parallel()
	heyq(t, nil, "dashboard").want(t, 2, "REDIS_URL", "/monitoring")
	tab, queues := testkit.Browser(t), testkit.Redis(t)
	archiveDownload(t, queues, uuid.New())
	const token = "a-token-of-the-operators"
	environ := []string{"REDIS_URL=" + queues, "HEYQ_DIR=" + t.TempDir()}
	heyq(t, append(environ, "DATABASE_URL=postgres://ada@nowhere.invalid/heyq"), "dashboard", "--addr", ":0").want(t, 5, "database")

	s := somebody{t, tab}
	s.do(chromedp.Navigate(serve(t, append(environ, "HEYQ_OPERATOR_TOKEN="+token), "Dashboard ", "dashboard", "--addr", "127.0.0.1:0")))
	s.login(token)
	s.sees(`//a[text()="download"]`)

	readOnly := serve(t, append(environ, "HEYQ_OPERATOR_TOKEN="+token), "Dashboard ", "dashboard", "--addr", "127.0.0.1:0", "--read-only")
	s.do(chromedp.Navigate(readOnly)) // cookies know no ports, and Redis knows the session
	s.sees(`//a[text()="download"]`)
	if buttons := s.count(`//tr[.//a[text()="download"]]//button`); buttons != 0 {
		t.Errorf("a dashboard that only shows has %d buttons for a queue", buttons)
	}
}

// failedDownload makes a video that HeyGen has rendered and whose download was
// given up.
func failedDownload(t *testing.T, database, simulator string) uuid.UUID {
	t.Helper()
	db, err := postgres.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	client, err := heygen.New(heygen.Options{BaseURL: simulator, APIKey: "any"})
	if err != nil {
		t.Fatal(err)
	}
	video, err := jobs.NewClient(db).CreateVideo(t.Context(), jobs.NewVideo{
		Title: "Hello", Render: jobs.Render{Script: "Hello Ada!", AvatarID: "avatar_1", VoiceID: "voice_1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	claims, err := db.Admit(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	ended := passStep(t, db, store.Create, claims, func(r store.Run) store.End {
		created, err := client.Videos.Create(t.Context(), heygen.Create{
			IdempotencyKey: r.Video.String(), Body: map[string]any{"type": "avatar", "avatar_id": "avatar_1", "voice_id": "voice_1", "script": "Hello Ada!"},
		})
		if err != nil {
			t.Fatal(err)
		}
		return store.Accepted(r, created.ID, 0)
	})
	if claims, err = db.Claim(t.Context(), store.Poll, 1); err != nil {
		t.Fatal(err)
	}
	ended = passStep(t, db, store.Poll, claims, store.Rendered)
	passStep(t, db, store.Download, []store.Claim{*ended.Next}, func(r store.Run) store.End {
		return store.GaveUp(r, store.Failure{Code: "link_expired", Message: "the link has expired", Step: store.Download}, 0)
	})
	return video.ID
}

// passStep begins one step and ends it.
func passStep(t *testing.T, db store.Store, step store.Step, claims []store.Claim, end func(store.Run) store.End) store.Ended {
	t.Helper()
	runs, err := db.Begin(t.Context(), step, claims)
	if err != nil || len(runs) != 1 {
		t.Fatalf("%s: %d began (%v), want 1", step, len(runs), err)
	}
	ended, err := db.End(t.Context(), []store.End{end(runs[0])})
	if err != nil || len(ended) != 1 {
		t.Fatalf("%s: %d ended (%v), want 1", step, len(ended), err)
	}
	return ended[0]
}

// archiveDownload puts the task of a video's download into asynq's archive.
func archiveDownload(t *testing.T, url string, video uuid.UUID) *asynq.Inspector {
	t.Helper()
	o, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	r := redis.NewClient(o)
	t.Cleanup(func() { _ = r.Close() })
	task, err := dispatch.NewTask(jobs.VideoDownload, jobs.VideoTask{Videos: []store.Claim{{Video: video, Claim: 3}}})
	if err != nil {
		t.Fatal(err)
	}
	info, err := asynq.NewClientFromRedisClient(r).Enqueue(task)
	if err != nil {
		t.Fatal(err)
	}
	inspector := asynq.NewInspectorFromRedisClient(r)
	if err := inspector.ArchiveTask(info.Queue, info.ID); err != nil {
		t.Fatal(err)
	}
	return inspector
}

// somebody sits at a browser.
type somebody struct {
	*testing.T
	tab context.Context
}

// glance is how long a person looks for what should be there.
const glance = 30 * time.Second

func (s somebody) do(steps ...chromedp.Action[chromedp.Void]) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.tab, glance)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		page, _ := chromedp.Run(s.tab, chromedp.Evaluate[string](`document.body.innerText`))
		s.Fatalf("%v; the page says: %s", err, page)
	}
}

func (s somebody) login(token string) {
	s.Helper()
	s.do(chromedp.WaitVisible(chromedp.CSS("#token")), chromedp.SendKeys(chromedp.CSS("#token"), token+"\r"))
}

// sees waits for an element, by its XPath.
func (s somebody) sees(path string) {
	s.Helper()
	s.do(chromedp.WaitVisible(path))
}

func (s somebody) count(path string) int {
	s.Helper()
	n, err := chromedp.Run(s.tab, chromedp.Evaluate[int](fmt.Sprintf("document.evaluate('count(%s)', document).numberValue", strings.ReplaceAll(path, "'", `\'`))))
	if err != nil {
		s.Fatal(err)
	}
	return n
}

// presses one of the buttons that a cell shows to a mouse above it.
func (s somebody) presses(cell string, button int) {
	s.Helper()
	s.do(chromedp.ScrollIntoView(cell))
	box, err := chromedp.Run(s.tab, chromedp.Dimensions(cell))
	if err != nil {
		s.Fatal(err)
	}
	left, top := box.Content[0], box.Content[1]
	s.do(
		chromedp.MouseEvent(chromedp.MouseMoved, 1, 1), // from outside: a cell is entered once
		chromedp.MouseEvent(chromedp.MouseMoved, left+1, top+1),
		chromedp.WaitVisible(fmt.Sprintf(`(%s//button)[2]`, cell)),
		chromedp.Click(fmt.Sprintf(`(%s//button)[%d]`, cell, button)),
	)
}
