package operate_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"

	"heyq/internal/fault"
	"heyq/internal/testkit"
	"heyq/jobs"
	"heyq/operate"
	"heyq/store"
)

// morgue is a desk with asynq's archive beside it.
type morgue struct {
	*desk
	runner    *operate.DeadLetters
	client    *asynq.Client
	inspector *asynq.Inspector
	tasks     int
}

func newMorgue(t *testing.T) *morgue {
	t.Helper()
	r := testkit.OpenRedis(t, testkit.Redis(t))
	d := newDesk(t, func(o *operate.JobsOptions) { o.Redis = r })
	return &morgue{
		desk: d, runner: operate.NewDeadLetters(r, d.board),
		client: asynq.NewClientFromRedisClient(r), inspector: asynq.NewInspectorFromRedisClient(r),
	}
}

// archive puts a task into the archive of a queue and returns its name.
func (m *morgue) archive(queue jobs.Queue, kind, payload string) (id string) {
	m.Helper()
	id = m.enqueue(queue, kind, payload)
	m.must(m.inspector.ArchiveTask(string(queue), id))
	return id
}

func (m *morgue) enqueue(queue jobs.Queue, kind, payload string) (id string) {
	m.Helper()
	m.tasks++
	id = fmt.Sprintf("%s:%d", kind, m.tasks)
	_, err := m.client.Enqueue(asynq.NewTask(kind, []byte(payload), asynq.Queue(string(queue)), asynq.TaskID(id)))
	m.must(err)
	return id
}

// download is the task of a download, archived.
func (m *morgue) download(videos ...uuid.UUID) (id string) {
	m.Helper()
	payload := `{"videos":[`
	for i, v := range videos {
		if i > 0 {
			payload += ","
		}
		payload += fmt.Sprintf(`{"id":%q,"claim":3}`, v)
	}
	return m.archive(jobs.DownloadQueue, jobs.VideoDownload.Name, payload+`]}`)
}

// state is where a task is; 0: nowhere.
func (m *morgue) state(queue jobs.Queue, id string) asynq.TaskState {
	m.Helper()
	info, err := m.inspector.GetTaskInfo(string(queue), id)
	if err != nil {
		return 0
	}
	return info.State
}

func TestDeadLetters_real(t *testing.T) {
	t.Parallel()
	m := newMorgue(t)
	expired, delivered := m.expired(), m.unmeasured()
	task, done := m.download(expired, delivered), m.download(delivered)

	m.must(m.runner.Run(t.Context(), "download", task, byAda))
	if v := m.video(expired); v.State != store.Rendering || v.Submission != 1 || m.woken.Load() != 1 {
		t.Errorf("the video is %s in submission %d, and the dispatcher was woken %d times", v.State, v.Submission, m.woken.Load())
	}
	if got := m.state(jobs.DownloadQueue, task); got != 0 {
		t.Errorf("its task is still there: %s", got)
	}
	actions, err := m.db.Actions(t.Context(), expired.String(), 10)
	if err != nil || len(actions) != 1 || actions[0].By != byAda || actions[0].Verb != store.RequeueJob {
		t.Errorf("noted %+v (%v)", actions, err)
	}

	err = m.runner.Run(t.Context(), "download", done, byAda)
	if fault.CodeOf(err) != fault.Conflict || m.video(delivered).State != store.Completed {
		t.Errorf("a delivered video: %v, and it is %s", err, m.video(delivered).State)
	}
	if got := m.state(jobs.DownloadQueue, done); got != asynq.TaskStateArchived {
		t.Errorf("a task that was refused is %s", got)
	}
	for _, gone := range [][2]string{{"download", task}, {"nowhere", "x"}} {
		if err := m.runner.Run(t.Context(), gone[0], gone[1], byAda); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%v: got %v, want not found", gone, err)
		}
	}
}

// What belongs to no row is asynq's business, archived or not.
func TestDeadLetters_foreign_real(t *testing.T) {
	t.Parallel()
	m := newMorgue(t)
	for _, foreign := range []struct{ kind, payload string }{
		{"mail:send", "hello"},
		{jobs.VideoDownload.Name, "broken"},
		{jobs.StoreSweep.Name, "{}"},
	} {
		id := m.archive(jobs.MaintenanceQueue, foreign.kind, foreign.payload)
		m.must(m.runner.Run(t.Context(), "maintenance", id, byAda))
		if got, old := m.state(jobs.MaintenanceQueue, id+"#2"), m.state(jobs.MaintenanceQueue, id); got != asynq.TaskStatePending || old != 0 {
			t.Errorf("%s is %s, and its former task %s; want pending, and no more", foreign.kind, got, old)
		}
	}
	// A task that waits is no messenger of something that failed.
	id := m.enqueue(jobs.DownloadQueue, jobs.VideoDownload.Name, fmt.Sprintf(`{"videos":[{"id":%q,"claim":1}]}`, m.expired()))
	if err := m.runner.Run(t.Context(), "download", id, byAda); err == nil || fault.CodeOf(err) != fault.Internal {
		t.Errorf("asynq runs no task that is pending already; got %v", err)
	}
	if m.woken.Load() != 0 {
		t.Error("a row was queued again")
	}
}

func TestDeadLetters_RunArchived_real(t *testing.T) {
	t.Parallel()
	m := newMorgue(t)
	var videos []uuid.UUID
	for range 20 {
		videos = append(videos, m.expired())
		m.download(videos[len(videos)-1])
	}
	delivered := m.download(m.unmeasured())
	foreign := m.archive(jobs.DownloadQueue, "mail:send", "hello")

	n, err := m.runner.RunArchived(t.Context(), "download", byAda)
	if err != nil || n != 21 {
		t.Errorf("ran %d (%v), want 21", n, err)
	}
	for _, id := range videos {
		if v := m.video(id); v.State != store.Rendering {
			t.Errorf("%s is %s, want rendering", id, v.State)
		}
	}
	for id, want := range map[string]asynq.TaskState{delivered: asynq.TaskStateArchived, foreign + "#2": asynq.TaskStatePending} {
		if got := m.state(jobs.DownloadQueue, id); got != want {
			t.Errorf("%s is %s, want %s", id, got, want)
		}
	}
	if _, err := m.runner.RunArchived(t.Context(), "nowhere", byAda); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a queue that is not there: %v", err)
	}
}

func TestDeadLetters_without_a_store_real(t *testing.T) {
	t.Parallel()
	m := newMorgue(t)
	r := testkit.OpenRedis(t, testkit.Redis(t))
	m.client, m.inspector = asynq.NewClientFromRedisClient(r), asynq.NewInspectorFromRedisClient(r)
	id := m.download(uuid.New())
	err := operate.NewDeadLetters(r, nil).Run(t.Context(), "download", id, byAda)
	if fault.CodeOf(err) != fault.Unavailable || m.state(jobs.DownloadQueue, id) != asynq.TaskStateArchived {
		t.Errorf("got %v, want a refusal", err)
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	video := uuid.MustParse("0190e5c1-7b5c-7c3a-9f61-000000000001")
	for _, c := range []struct{ kind, payload, want string }{
		{"video:download", fmt.Sprintf(`{"videos":[{"id":%q,"claim":3}],"script":"a secret"}`, video), fmt.Sprintf(`{"videos":[{"id":%q,"claim":3}]}`, video)},
		{"video:analyze", fmt.Sprintf(`{"videos":[{"id":%q,"claim":3}]}`, video), fmt.Sprintf(`{"videos":[{"id":%q,"claim":3}]}`, video)},
		{"notify:deliver", fmt.Sprintf(`{"notifications":[{"id":%q,"claim":3}]}`, video), fmt.Sprintf(`{"notifications":[{"id":%q,"claim":3}]}`, video)},
		{"store:sweep", `{"password":"a secret"}`, `{}`},
		{"video:download", `{"videos":[]}`, "13 bytes that are not heyq's"},
		{"video:download", "a secret", "8 bytes that are not heyq's"},
		{"mail:send", `{"password":"a secret"}`, "23 bytes that are not heyq's"},
	} {
		if got := operate.Describe(c.kind, []byte(c.payload)); got != c.want {
			t.Errorf("%s %s: got %s, want %s", c.kind, c.payload, got, c.want)
		}
	}
}
