package app

import (
	"heyq/config"
	"heyq/handlers"
	"heyq/store"
)

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
