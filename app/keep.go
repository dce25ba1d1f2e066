package app

import (
	"heyq/config"
	"heyq/handlers"
	"heyq/store"
)

// keep is what the handlers are told of retention.
func keep(r config.Retention) handlers.Keep {
	return handlers.Keep{
		Retention: store.Retention{
			Completed: r.Completed, Failed: r.Failed, Cancelled: r.Cancelled, Files: r.Files,
			Copies: r.AtHeyGen > 0,
		},
		Notifications: r.Notifications, Audit: r.Audit, AtHeyGen: r.AtHeyGen,
	}
}
