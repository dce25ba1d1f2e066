package app

import (
	"cmp"
	"context"
	"os"
	"time"

	"heyq/internal/disk"
	"heyq/jobs"
	"heyq/operate/alert"
)

// newWatcher builds what looks whether all is well: in a worker once a minute,
// and in an API for the test of where alerts go.
func (a *App) newWatcher() *alert.Watcher {
	c := a.config.Alert
	o := alert.Options{
		Store: a.store, Slots: a.config.HeyGen.Slots, Log: a.log, Place: place(a.config.HTTP.PublicURL),
		Sources: alert.Sources{Balance: a.balance, Disk: a.disk},
		Limits: alert.Limits{
			SuccessRate: c.SuccessRate,
			Average: map[string]time.Duration{
				"database": c.DatabaseAverage, "redis_operation": c.RedisAverage, "file_operation": c.FileAverage, "http_request": c.HTTPAverage,
			},
			Failures: c.Failures, QueueAge: c.QueueAge, Stuck: c.Stuck, Balance: c.Balance, FreeDisk: int64(c.FreeDisk),
		},
	}
	if a.shared != nil {
		o.Sources.Operations = a.shared.CountsByProcess
	}
	for _, entry := range jobs.Schedule {
		if entry.Kind.Name != jobs.OpsWatch.Name { // it is at it
			o.Schedule = append(o.Schedule, entry)
		}
	}
	if c.Webhook.IsSet() {
		o.Webhook = alert.NewWebhook(c.Webhook.Reveal())
	}
	return alert.New(o)
}

// tellEndTime is shorter than endTime.
const tellEndTime = 5 * time.Second

// tellEnd tells people why this process ends itself.
func (a *App) tellEnd(why error) {
	ctx, cancel := context.WithTimeout(context.Background(), tellEndTime)
	defer cancel()
	if err := a.newWatcher().Ended(ctx, why); err != nil {
		a.log.Warn().Err(err).Msg("no alert could be sent that this process ends itself")
	}
}

// place says to people which heyq it is.
func place(publicURL string) string { return cmp.Or(publicURL, machine()) }

// machine is the name of the one that this process runs on.
func machine() string {
	name, _ := os.Hostname() // one without a name is as good as another
	return cmp.Or(name, "this machine")
}

// balance asks HeyGen what is left, which costs nothing.
func (a *App) balance(ctx context.Context) (*alert.Balance, error) {
	user, err := a.heygen.Users.Me(ctx)
	if err != nil {
		return nil, err
	}
	amount, unit, known := user.Remaining()
	if !known {
		return nil, nil
	}
	return &alert.Balance{Amount: amount, Unit: unit}, nil
}

// disk says how much room there is where this machine keeps its things, in the
// place that has least of it.
func (a *App) disk() (name string, d alert.Disk, err error) {
	for i, place := range a.config.Folders() {
		space, err := disk.At(place)
		if err != nil {
			return "", d, err
		}
		if i == 0 || space.Free < d.Free {
			d = alert.Disk{Path: place, Free: space.Free, Total: space.Total}
		}
	}
	return machine(), d, nil
}
