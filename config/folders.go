package config

import (
	"net/url"
	"path/filepath"
	"strings"

	"heyq/internal/datafolder"
)

// DatabasePath is where SQLite's file is, in the data folder.
func (c Config) DatabasePath() string { return filepath.Join(c.Store.Dir, datafolder.Database) }

// Database says to people which database it is.
func (c Config) Database() string {
	if c.Store.DatabaseURL.IsSet() {
		return "Postgres at " + c.Store.DatabaseURL.String()
	}
	return "SQLite in " + c.DatabasePath()
}

// Folders are those that heyq fills: the data folder first, and the media folder
// if it is elsewhere.
func (c Config) Folders() []string {
	list := []string{c.Store.Dir}
	media, err := c.MediaURL()
	if err != nil {
		return list
	}
	u, err := url.Parse(media)
	if err != nil || u.Scheme != "file" {
		return list
	}
	dir, err := filepath.Abs(c.Store.Dir)
	if folder := filepath.FromSlash(u.Path); err != nil || !strings.HasPrefix(folder+"/", dir+"/") {
		list = append(list, folder)
	}
	return list
}
