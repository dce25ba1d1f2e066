package app

import (
	"fmt"
	"path/filepath"

	"heyq/internal/alert"
)

// disk says how much room there is where this machine keeps its things.
func (a *App) disk() (name string, d alert.Disk, err error) {
	dir, err := filepath.Abs(a.config.Store.Dir)
	if err != nil {
		return "", d, err
	}
	d.Path = dir
	if d.Free, d.Total, err = room(dir); err != nil {
		return "", d, fmt.Errorf("ask for the room in %s: %w", dir, err)
	}
	return machine(), d, nil
}
