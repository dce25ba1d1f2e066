package main

import (
	"fmt"
	"strconv"
	"time"

	"heyq/cmd/heyq/internal/screen"
)

// counted writes a number of things: 1 video, 2,000 videos.
func counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return screen.Count(int64(n)) + " " + thing
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// seconds writes a length: 4.2 s.
func seconds(n float64) string {
	return strconv.FormatFloat(n, 'f', 1, 64) + " s"
}

func since(from, to time.Time) float64 { return to.Sub(from).Seconds() }

func clock(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }

// humanTitle keeps a title to one short line.
func humanTitle(title string) string {
	const most = 40
	letters := []rune(title)
	if len(letters) <= most {
		return title
	}
	return string(letters[:most-1]) + "…"
}
