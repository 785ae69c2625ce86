package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// ServeCmd serves the pages and does the background work: `amiable serve`.
type ServeCmd struct {
	Settings `embed:""`
	NoJobs   bool `help:"Serve pages only; another process runs with --only-jobs." xor:"jobs"`
	OnlyJobs bool `help:"Do the background work only." xor:"jobs"`
}

// shutdownPatience is how long requests and jobs under way may finish.
const shutdownPatience = 25 * time.Second

// Run serves until the context ends.
func (cmd *ServeCmd) Run(ctx context.Context) error {
	if err := refuse("serve", cmd.problems()); err != nil {
		return err
	}
	i, err := openAll(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	if cmd.OnlyJobs {
		i.log.Info("working", "database", i.db.Dialect())
		return i.serve(ctx, nil, nil, true, &sync.RWMutex{})
	}
	site, err := i.site(nil)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", cmd.Addr)
	if err != nil {
		return fmt.Errorf("--addr: %w", err)
	}
	i.log.Info("serving", "address", listener.Addr().String(), "database", i.db.Dialect(), "jobs", !cmd.NoJobs, "stripe", i.banner())
	return i.serve(ctx, listener, site.HTTPServer(), !cmd.NoJobs, &sync.RWMutex{})
}

// serve runs pages and background work until the context ends, then lets what
// is under way finish.
func (i *installation) serve(ctx context.Context, listener net.Listener, server *http.Server, works bool, gate *sync.RWMutex) error {
	work, err := i.newRunner(works, gate)
	if err != nil {
		return err
	}
	if err := work.Start(ctx, works); err != nil {
		return err
	}
	i.work.Store(work)
	ended := make(chan error, 1)
	if server != nil {
		server.BaseContext = func(net.Listener) context.Context { return context.WithoutCancel(ctx) }
		go func() { ended <- server.Serve(listener) }()
	}
	select {
	case <-ctx.Done():
	case err = <-ended:
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownPatience)
	defer cancel()
	if server != nil {
		if stopping := server.Shutdown(patience); stopping != nil {
			err = errors.Join(err, fmt.Errorf("requests were cut off: %w", stopping), server.Close())
		}
	}
	err = errors.Join(err, work.Stop(patience, works))
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
