package app

import "heyq/jobs"

// newBoard returns what operators see the jobs on.
func (a *App) newBoard() *jobs.Board {
	return jobs.NewBoard(jobs.BoardOptions{
		Store:          a.store,
		Redis:          a.redis,
		Wake:           a.dispatcher.Wake,
		PricePerSecond: a.config.HeyGen.PricePerSecond,
		DeleteFiles:    a.media.Delete,
	})
}
