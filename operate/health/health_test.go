package health

import (
	"errors"
	"strings"
	"testing"
	"time"

	"heyq/internal/disk"
	"heyq/jobs"
	"heyq/store"
	"heyq/wire"
)

func wantHealth(t *testing.T, got wire.Health, status wire.HealthStatus, words string) {
	t.Helper()
	if got.Status != status || !strings.Contains(got.Reason, words) {
		t.Errorf("got %s, %q; want %s, %q", got.Status, got.Reason, status, words)
	}
}

func TestDispatch(t *testing.T) {
	t.Parallel()
	dispatch := func(loads map[store.Queue]store.Load) wire.Health {
		return Dispatch(store.Backlog{
			Admission: store.Load{Jobs: 10_000, Overdue: 10_000, Lag: 5 * time.Hour}, Queues: store.Loads(loads),
		}, DispatchBroken)
	}
	wantHealth(t, dispatch(nil), wire.Healthy, "nothing is due")
	wantHealth(t, dispatch(map[store.Queue]store.Load{store.PollQueue: {Overdue: 9, Lag: 29 * time.Second}}), wire.Healthy, "nothing is due")
	wantHealth(t, dispatch(map[store.Queue]store.Load{
		store.PollQueue: {Overdue: 1, Lag: time.Second}, store.DownloadQueue: {Overdue: 7, Lag: time.Minute},
	}), wire.Degraded, "7 are due in download and not dispatched, one for 1m0s")
	old := map[store.Queue]store.Load{store.CreateQueue: {Overdue: 1, Lag: DispatchBroken + time.Second}}
	wantHealth(t, dispatch(old), wire.Unhealthy, "1 are due in create")
	wantHealth(t, Dispatch(store.Backlog{Queues: store.Loads(old)}, Never), wire.Degraded, "1 are due in create")
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	runs := func(up time.Duration, ran bool, change func(*Run)) (list []Run) {
		for _, job := range jobs.Schedule {
			r := Run{Job: job, Ran: ran, Ago: 2 * job.Every} // as it may be after a restart
			if !ran {
				r.Ago = up
			}
			if change != nil {
				change(&r)
			}
			list = append(list, r)
		}
		return list
	}
	sweep := jobs.StoreSweep.Name
	wantHealth(t, Schedule(runs(0, true, nil)), wire.Healthy, "ran in the last")
	wantHealth(t, Schedule(runs(time.Minute, false, nil)), wire.Healthy, "")
	wantHealth(t, Schedule(runs(time.Hour, false, nil)), wire.Degraded, "has never run")
	wantHealth(t, Schedule(runs(0, true, func(r *Run) {
		if r.Job.Kind.Name == sweep {
			r.Ago = 48 * time.Hour
		}
	})), wire.Degraded, sweep+" has not run for 48h0m0s")
}

func TestRoom(t *testing.T) {
	t.Parallel()
	const total = 100 << 30
	for _, c := range []struct {
		free     int64
		database bool
		status   wire.HealthStatus
	}{
		{DiskLowest, true, wire.Healthy},
		{DiskLowest - 1, true, wire.Degraded},
		{DiskFull - 1, true, wire.Unhealthy},
		{DiskFull - 1, false, wire.Degraded},
		{0, false, wire.Degraded},
	} {
		wantHealth(t, room("/srv", disk.Space{Free: c.free, Total: total}, nil, c.database, DiskLowest), c.status, "free in /srv")
	}
	wantHealth(t, room("/srv", disk.Space{}, errors.New("no such disk"), true, DiskLowest), wire.Degraded, "no such disk")
	wantHealth(t, room("/srv", disk.Space{}, errors.ErrUnsupported, true, DiskLowest), wire.Healthy, "does not say")
}

func TestFolders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	wantHealth(t, Folders([]string{dir}, true, 1), wire.Healthy, dir)
	wantHealth(t, Folders([]string{dir, dir + "/media"}, true, 1), wire.Healthy, "; ")
	wantHealth(t, Folders([]string{dir}, false, 1<<62), wire.Degraded, dir)
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	away := errors.New("away")
	wantHealth(t, Store.Answers(nil, "Postgres"), wire.Healthy, "Postgres")
	wantHealth(t, Store.Answers(away, "Postgres"), wire.Unhealthy, "Postgres: away")
	wantHealth(t, Redis.Answers(away, "Redis"), wire.Degraded, "Redis: away")
}
