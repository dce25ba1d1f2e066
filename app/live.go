package app

import "heyq/live"

// newFeed returns what tells of videos. It waits in Redis, so that it has a client of its
// own, whose waits count as no operation's time.
func (a *App) newFeed() *live.Feed {
	client := a.dialRedis()
	a.onClose(func() error { return closeRedis(client) })
	return live.New(live.Options{Store: a.store, Redis: client, Logger: a.log})
}
