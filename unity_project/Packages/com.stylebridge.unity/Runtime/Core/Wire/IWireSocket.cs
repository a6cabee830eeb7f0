using System;

namespace Stylebridge.Wire
{
    /// <summary>A ZeroMQ DEALER that queues nothing without a connection, and connects again by itself.</summary>
    public interface IWireSocket : IDisposable
    {
        /// <summary>Begins to connect, encrypted when there are keys.</summary>
        void Connect(string endpoint, CurveKeys keys);

        /// <summary>Sends a message whole or not at all; false when it can't leave now. Never blocks.</summary>
        bool TrySend(WirePart[] parts, int count);

        /// <summary>Takes the next message if one has come. Never blocks.</summary>
        bool TryReceive(WireMessage into);

        /// <summary>Waits until a message can be received; false when the time is over.</summary>
        bool Poll(int timeoutMs);

        /// <summary>Ends the link; what was sent may still leave for this long.</summary>
        void Close(int lingerMs);
    }

    /// <summary>Makes sockets of one ZeroMQ library.</summary>
    public interface IWireSocketFactory
    {
        /// <summary>A socket that drops the link when a part has more bytes than this.</summary>
        IWireSocket Create(int maxPartBytes);
    }

    /// <summary>The two clocks that a link needs.</summary>
    public interface IWireClock
    {
        /// <summary>Milliseconds that only grow.</summary>
        long NowMs { get; }

        /// <summary>Nanoseconds since 1970, UTC.</summary>
        ulong WallNs { get; }
    }
}
