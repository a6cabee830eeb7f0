using System;

namespace Stylebridge.Wire
{
    /// <summary>A ZeroMQ DEALER that queues nothing without a connection, and connects again by itself.</summary>
    /// <remarks>
    /// Whatever a member throws, the sender disposes of the socket and tries again with a new one a second later.
    /// Either of <c>Close</c> and <c>Dispose</c> ends a socket, the other one is harmless afterwards.
    /// </remarks>
    public interface IWireSocket : IDisposable
    {
        /// <summary>Begins to connect, encrypted when there are keys.</summary>
        void Connect(string endpoint, CurveKeys keys);

        /// <summary>Sends a message whole or not at all; false when it can't leave now. Never blocks.</summary>
        /// <remarks>The parts' bytes are the caller's again when this returns.</remarks>
        bool TrySend(WirePart[] parts, int count);

        /// <summary>Takes the next message if one has come. Never blocks.</summary>
        /// <remarks>Clears <c>into</c>, then asks it for room for each part; one without room is passed over.</remarks>
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
