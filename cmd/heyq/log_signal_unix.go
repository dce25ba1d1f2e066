//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/rs/zerolog"

	"heyq/internal/logkey"
	"heyq/internal/logs"
)

// toggleOnSignal has SIGUSR1 turn debug lines on, and off again: a process without
// the API has no other way to be told. Calling stop ends the toggling.
func toggleOnSignal(log zerolog.Logger, level *logs.Level) (stop func()) {
	signals, ended := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, syscall.SIGUSR1)
	go func() {
		for {
			select {
			case <-ended:
				return
			case <-signals:
				level.Toggle()
				log.Log().Stringer(logkey.Level, level.Now()).Msg("the log level is changed")
			}
		}
	}()
	return func() {
		signal.Stop(signals)
		close(ended)
	}
}
