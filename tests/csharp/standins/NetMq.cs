using System;

// What the package uses of NetMQ 4.0.1 and AsyncIO, with their signatures and none of their work: enough to compile.
namespace AsyncIO
{
    public static class ForceDotNet
    {
        public static void Force()
        {
        }
    }
}

namespace NetMQ
{
    [Flags]
    public enum PollEvents
    {
        None = 0,
        PollIn = 1,
        PollOut = 2,
        PollError = 4,
    }

    public interface IBufferPool : IDisposable
    {
        byte[] Take(int size);

        void Return(byte[] buffer);
    }

    public static class BufferPool
    {
        public static IBufferPool Chosen { get; private set; }

        public static void SetCustomBufferPool(IBufferPool bufferPool)
        {
            Chosen = bufferPool;
        }
    }

    public static class NetMQConfig
    {
        public static void Cleanup(bool block = true)
        {
        }
    }

    public struct Msg
    {
        public int Size { get; private set; }

        public byte[] UnsafeData { get; private set; }

        public int UnsafeOffset { get; private set; }

        public bool HasMore { get; private set; }

        public void InitEmpty()
        {
            UnsafeData = null;
            Size = 0;
        }

        public void InitPool(int size)
        {
            UnsafeData = BufferPool.Chosen == null ? new byte[size] : BufferPool.Chosen.Take(size);
            Size = size;
        }

        public void Close()
        {
            if (UnsafeData != null && BufferPool.Chosen != null)
            {
                BufferPool.Chosen.Return(UnsafeData);
            }
            UnsafeData = null;
        }
    }

    public sealed class NetMQCertificate
    {
        public NetMQCertificate(byte[] secretKey, byte[] publicKey)
        {
            SecretKey = secretKey;
            PublicKey = publicKey;
        }

        public byte[] SecretKey { get; }

        public byte[] PublicKey { get; }
    }

    public class SocketOptions
    {
        public TimeSpan Linger { get; set; }

        public TimeSpan ReconnectInterval { get; set; }

        public TimeSpan ReconnectIntervalMax { get; set; }

        public bool DelayAttachOnConnect { get; set; }

        public bool IPv4Only { get; set; }

        public int SendHighWatermark { get; set; }

        public int ReceiveHighWatermark { get; set; }

        public long MaxMsgSize { get; set; }

        public byte[] CurveServerKey { set; private get; }

        public NetMQCertificate CurveCertificate { get; set; }
    }

    public abstract class NetMQSocket : IDisposable
    {
        public SocketOptions Options { get; } = new SocketOptions();

        public void Connect(string address)
        {
        }

        public bool TrySend(ref Msg msg, TimeSpan timeout, bool more)
        {
            return false;
        }

        public bool TryReceive(ref Msg msg, TimeSpan timeout)
        {
            return false;
        }

        public PollEvents Poll(PollEvents pollEvents, TimeSpan timeout)
        {
            return PollEvents.None;
        }

        public void Dispose()
        {
        }
    }
}

namespace NetMQ.Sockets
{
    public class DealerSocket : NetMQSocket
    {
        public DealerSocket(string connectionString = null)
        {
        }
    }
}
