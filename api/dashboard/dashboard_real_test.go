package dashboard_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"

	"heyq/api/dashboard"
	"heyq/internal/testkit"
	"heyq/jobs"
	"heyq/operate"
	"heyq/store"
	"heyq/store/sqlite"
	"heyq/store/sqlite/sqlitetest"
)

// wall is a dashboard on a Redis and a store of its own.
type wall struct {
	*testing.T
	http.Handler
	db        *sqlite.Store
	client    *asynq.Client
	inspector *asynq.Inspector
}

func newWall(t *testing.T, change ...func(*dashboard.Options)) *wall {
	t.Helper()
	r := testkit.OpenRedis(t, testkit.Redis(t))
	db := sqlitetest.Open(t)
	o := dashboard.Options{
		Redis: r, DeadLetters: operate.NewDeadLetters(r, operate.NewJobs(operate.JobsOptions{Store: db, Redis: r})),
		Queues: operate.NewQueues(operate.QueuesOptions{Redis: r, Store: db, Meter: operate.NewMeter(r), Slots: 10}),
		Actor: func(r *http.Request) store.Actor {
			return store.Actor{Who: "ada", RequestID: r.Header.Get("X-Request-Id")}
		},
	}
	for _, c := range change {
		c(&o)
	}
	return &wall{t, dashboard.New(o), db, asynq.NewClientFromRedisClient(r), asynq.NewInspectorFromRedisClient(r)}
}

// ask sends a request and fails the test unless it is answered with status.
func (w *wall) ask(status int, method, path, body string) string {
	w.Helper()
	r := httptest.NewRequest(method, dashboard.Path+path, strings.NewReader(body))
	r.Header.Set("X-Request-Id", "r-1")
	answer := httptest.NewRecorder()
	w.ServeHTTP(answer, r)
	if answer.Code != status {
		w.Fatalf("%s %s: got %d, want %d: %s", method, path, answer.Code, status, answer.Body)
	}
	return answer.Body.String()
}

func (w *wall) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// failed makes videos whose downloads were given up, and each one's task, in the
// archive.
func (w *wall) failed(n int) (videos []uuid.UUID, tasks []string) {
	w.Helper()
	for range n {
		video, err := jobs.NewClient(w.db).CreateVideo(w.Context(), jobs.NewVideo{
			Render: jobs.Render{Script: "Hello", AvatarID: "avatar_1", VoiceID: "voice_1"},
		})
		w.must(err)
		claims, err := w.db.Admit(w.Context(), 100)
		w.must(err)
		w.step(store.Create, claims, func(r store.Run) store.End { return store.Accepted(r, "hg-"+video.ID.String(), 0) })
		claims, err = w.db.Claim(w.Context(), store.Poll, 10)
		w.must(err)
		ended := w.step(store.Poll, claims, store.Rendered)
		w.step(store.Download, []store.Claim{*ended.Next}, func(r store.Run) store.End {
			return store.GaveUp(r, store.Failure{Code: "link_expired", Message: "the link has expired", Step: store.Download}, 0)
		})
		task := "download:" + video.ID.String()
		w.archive(jobs.VideoDownload.Name, task, fmt.Sprintf(`{"videos":[{"id":%q,"claim":3}],"script":"a secret"}`, video.ID))
		videos, tasks = append(videos, video.ID), append(tasks, task)
	}
	return videos, tasks
}

func (w *wall) step(step store.Step, claims []store.Claim, end func(store.Run) store.End) store.Ended {
	w.Helper()
	runs, err := w.db.Begin(w.Context(), step, claims)
	w.must(err)
	if len(runs) != 1 {
		w.Fatalf("%s: %d began, want 1", step, len(runs))
	}
	ended, err := w.db.End(w.Context(), []store.End{end(runs[0])})
	w.must(err)
	if len(ended) != 1 {
		w.Fatalf("%s: %d ended, want 1", step, len(ended))
	}
	return ended[0]
}

func (w *wall) archive(kind, id, payload string) {
	w.Helper()
	_, err := w.client.Enqueue(asynq.NewTask(kind, []byte(payload), asynq.Queue("download"), asynq.TaskID(id)))
	w.must(err)
	w.must(w.inspector.ArchiveTask("download", id))
}

func (w *wall) wantState(video uuid.UUID, want store.State) {
	w.Helper()
	v, err := w.db.Video(w.Context(), store.Everyone(), video)
	w.must(err)
	if v.State != want || v.Submission != 1 {
		w.Errorf("%s is %s in submission %d, want %s in its first", video, v.State, v.Submission, want)
	}
}

const archived = "/api/queues/download/archived_tasks"

func TestRun_queues_the_rows_again_real(t *testing.T) {
	t.Parallel()
	w := newWall(t)
	videos, tasks := w.failed(4)
	w.archive("mail:send", "mail", `{"password":"a secret"}`)

	for _, path := range []string{archived, "/api/queues/download/tasks/" + tasks[0], "/api/queues/download/tasks/mail"} {
		if shown := w.ask(200, "GET", path, ""); strings.Contains(shown, "a secret") || !strings.Contains(shown, "payload") {
			t.Errorf("%s shows %s", path, shown)
		}
	}
	w.ask(204, "POST", archived+"/"+tasks[0]+":run", "")
	w.wantState(videos[0], store.Rendering)
	w.wantState(videos[1], store.Failed)
	actions, err := w.db.Actions(t.Context(), videos[0].String(), 10)
	if err != nil || len(actions) != 1 || actions[0].By != (store.Actor{Who: "ada", RequestID: "r-1"}) {
		t.Errorf("noted %+v (%v)", actions, err)
	}
	// A route of another state finds the archived task all the same.
	w.ask(204, "POST", "/api/queues/download/retry_tasks/"+tasks[1]+":run", "")
	w.wantState(videos[1], store.Rendering)

	var batch struct {
		Ran     []string `json:"pending_ids"`
		Refused []string `json:"error_ids"`
	}
	w.must(json.Unmarshal([]byte(w.ask(200, "POST", archived+":batch_run", fmt.Sprintf(`{"task_ids":[%q,"gone"]}`, tasks[2]))), &batch))
	if !slices.Equal(batch.Ran, tasks[2:3]) || !slices.Equal(batch.Refused, []string{"gone"}) {
		t.Errorf("the batch: %+v", batch)
	}
	w.wantState(videos[2], store.Rendering)
	if got := w.ask(200, "POST", archived+":run_all", ""); got != `{"scheduled":2}`+"\n" {
		t.Errorf("all: %s", got)
	}
	w.wantState(videos[3], store.Rendering)
	if info, err := w.inspector.GetQueueInfo("download"); err != nil || info.Archived != 0 || info.Pending != 1 {
		t.Errorf("left are %+v (%v), want the foreign task, pending", info, err)
	}
}

func TestRun_refuses_in_words_real(t *testing.T) {
	t.Parallel()
	w := newWall(t)
	videos, tasks := w.failed(1)
	_, err := w.db.Retry(t.Context(), store.Everyone(), videos[0], store.Retry{}) // another client was quicker
	w.must(err)
	if said := w.ask(409, "POST", archived+"/"+tasks[0]+":run", ""); !strings.Contains(said, "nothing of this task") {
		t.Errorf("it says %s", said)
	}
	if said := w.ask(404, "POST", archived+"/gone:run", ""); !strings.Contains(said, `there is no task "gone"`) {
		t.Errorf("it says %s", said)
	}
	w.ask(400, "POST", archived+":batch_run", "{")
}

// To pause create is to stop spending: what a worker has fetched must not begin.
func TestPause_closes_admission_real(t *testing.T) {
	t.Parallel()
	w := newWall(t)
	for _, move := range []struct {
		verb   string
		paused bool
		gate   store.AdmissionState
	}{{"pause", true, store.Paused}, {"resume", false, store.Open}} {
		w.ask(204, "POST", "/api/queues/create:"+move.verb, "")
		gate, err := w.db.Admission(t.Context())
		w.must(err)
		info, err := w.inspector.GetQueueInfo("create")
		w.must(err)
		if info.Paused != move.paused || gate.State != move.gate {
			t.Errorf("after %s the queue is paused: %v, and admission is %s", move.verb, info.Paused, gate.State)
		}
	}
}

func TestReadOnly_real(t *testing.T) {
	t.Parallel()
	w := newWall(t, func(o *dashboard.Options) { o.ReadOnly = true })
	videos, tasks := w.failed(1)
	w.ask(200, "GET", "/api/queues", "")
	for _, path := range []string{
		archived + "/" + tasks[0] + ":run", archived + ":run_all", archived + ":batch_run", archived + ":batch_delete", "/api/queues/download:pause",
	} {
		w.ask(405, "POST", path, fmt.Sprintf(`{"task_ids":[%q]}`, tasks[0]))
	}
	w.ask(405, "DELETE", archived+"/"+tasks[0], "")
	w.wantState(videos[0], store.Failed)
}

func TestPages_load_nothing_from_elsewhere_real(t *testing.T) {
	t.Parallel()
	w := newWall(t)
	for path, want := range map[string]string{"/": "no-store", "/queues/download": "no-store", "/static/js/main.5adda2da.chunk.js": "private, max-age=31536000, immutable"} {
		answer := httptest.NewRecorder()
		w.ServeHTTP(answer, httptest.NewRequest("GET", dashboard.Path+path, nil))
		policy := answer.Header().Get("Content-Security-Policy")
		if answer.Code != 200 || !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "http") || strings.Contains(policy, "*") {
			t.Errorf("%s: %d, the policy is %q", path, answer.Code, policy)
		}
		if got := answer.Header().Get("Cache-Control"); got != want {
			t.Errorf("%s: Cache-Control is %q, want %q", path, got, want)
		}
	}
}
