using NetMQ;

namespace Stylebridge.Wire
{
    /// <summary>Makes NetMQ sockets, and lets NetMQ use the same arrays for frame after frame.</summary>
    public sealed class NetMqSockets : IWireSocketFactory
    {
        private static bool s_isPooled;

        /// <inheritdoc/>
        public IWireSocket Create(int maxPartBytes)
        {
            if (!s_isPooled)
            {
                s_isPooled = true;
                AsyncIO.ForceDotNet.Force(); // its other way calls Windows in a manner that Unity can't
                BufferPool.SetCustomBufferPool(new NetMqBufferPool());
            }
            return new NetMqSocket(maxPartBytes);
        }

        /// <summary>Ends NetMQ's threads; called once, when the game or its play mode ends.</summary>
        public static void EndAll()
        {
            NetMQConfig.Cleanup(false);
        }
    }
}
