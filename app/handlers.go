package app

import (
	"heyq/config"
	"heyq/dispatch"
	"heyq/handlers"
	"heyq/jobs"
	"heyq/store"
)

func (a *App) newHandlers() *handlers.Handlers {
	c := a.config
	return handlers.New(handlers.Options{
		Store: a.store, HeyGen: a.heygen, Media: a.media, Webhooks: a.webhooks, Log: a.log, Tracer: a.tracer,
		Watch:           a.newWatcher().Round,
		Owns:            a.identity.Owns,
		Sender:          dispatch.NewSender(a.redis, a.store),
		Wake:            a.dispatcher.Wake,
		CallbackURL:     a.links.Of,
		Count:           a.meter.Done,
		Now:             c.Protocol.ClockOffset.Now,
		Concurrency:     a.concurrency(),
		Bounds:          bounds(c.Queues),
		Policies:        a.policies,
		Lease:           c.Protocol.Lease,
		PollInterval:    c.Protocol.PollInterval,
		NotFoundAfter:   c.Protocol.NotFoundAfter,
		SearchInterval:  c.Protocol.SearchInterval,
		ResubmitUnfound: c.Protocol.ResubmitUnfound,
		MaxVideoBytes:   int64(c.Media.MaxBytes),
		PricePerSecond:  c.HeyGen.PricePerSecond,
		Links:           a.fileLinks,
		NotifyURL:       c.Notify.URL,
		Retention:       retention(c.Retention),
	})
}

func (a *App) concurrency() map[jobs.Queue]int {
	q := a.config.Queues
	return map[jobs.Queue]int{
		jobs.CreateQueue: q.Create, jobs.PollQueue: q.Poll, jobs.DownloadQueue: q.Download,
		jobs.AnalyticsQueue: q.Analytics, jobs.NotifyQueue: q.Notify, jobs.MaintenanceQueue: q.Maintenance, jobs.WatchQueue: 1,
	}
}

// bounds are those of the steps that can be set.
func bounds(q config.Queues) map[jobs.Queue]handlers.Bounds {
	return map[jobs.Queue]handlers.Bounds{
		jobs.CreateQueue:   {Attempts: q.CreateAttempts},
		jobs.PollQueue:     {Timeout: q.PollTimeout},
		jobs.DownloadQueue: {Timeout: q.DownloadTimeout, Attempts: q.DownloadAttempts},
	}
}

// retention is what the handlers are told of retention.
func retention(r config.Retention) handlers.Retention {
	return handlers.Retention{
		Videos: store.Retention{
			Completed: r.Completed, Failed: r.Failed, Cancelled: r.Cancelled, Files: r.Files,
			Copies: r.AtHeyGen > 0,
		},
		Notifications: r.Notifications, Audit: r.Audit, AtHeyGen: r.AtHeyGen,
	}
}
