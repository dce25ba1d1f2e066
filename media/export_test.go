package media

// FlushBy has the library's folder flush what it has written by sync.
func FlushBy(l *Library, sync func(paths ...string) error) { l.shelf.(*folder).flush = sync }
