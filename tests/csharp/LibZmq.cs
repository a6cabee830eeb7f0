using System;
using System.Runtime.InteropServices;

namespace Stylebridge.Tests
{
    /// <summary>The few functions of libzmq that a DEALER needs.</summary>
    internal static unsafe class LibZmq
    {
        internal const int Dealer = 5;
        internal const int MessageBytes = 64;
        internal const int DontWait = 1;
        internal const int SendMore = 2;
        internal const int Again = 11;
        internal const int Interrupted = 4;
        internal const short PollIn = 1;

        internal const int Linger = 17;
        internal const int ReconnectMs = 18;
        internal const int ReconnectMaxMs = 21;
        internal const int MaxMessageSize = 22;
        internal const int SendQueue = 23;
        internal const int ReceiveQueue = 24;
        internal const int Immediate = 39;
        internal const int Ipv6 = 42;
        internal const int CurvePublicKey = 48;
        internal const int CurveSecretKey = 49;
        internal const int CurveServerKey = 50;

        private const string Library = "libzmq.so.5";

        [DllImport(Library, EntryPoint = "zmq_ctx_new")]
        internal static extern IntPtr NewContext();

        [DllImport(Library, EntryPoint = "zmq_ctx_term")]
        internal static extern int EndContext(IntPtr context);

        [DllImport(Library, EntryPoint = "zmq_socket")]
        internal static extern IntPtr NewSocket(IntPtr context, int type);

        [DllImport(Library, EntryPoint = "zmq_close")]
        internal static extern int Close(IntPtr socket);

        [DllImport(Library, EntryPoint = "zmq_setsockopt")]
        internal static extern int SetOption(IntPtr socket, int option, void* value, UIntPtr size);

        [DllImport(Library, EntryPoint = "zmq_connect")]
        internal static extern int Connect(IntPtr socket, [MarshalAs(UnmanagedType.LPStr)] string endpoint);

        [DllImport(Library, EntryPoint = "zmq_msg_init")]
        internal static extern int InitMessage(byte* message);

        [DllImport(Library, EntryPoint = "zmq_msg_init_size")]
        internal static extern int InitMessage(byte* message, UIntPtr size);

        [DllImport(Library, EntryPoint = "zmq_msg_data")]
        internal static extern byte* Data(byte* message);

        [DllImport(Library, EntryPoint = "zmq_msg_size")]
        internal static extern UIntPtr Size(byte* message);

        [DllImport(Library, EntryPoint = "zmq_msg_more")]
        internal static extern int HasMore(byte* message);

        [DllImport(Library, EntryPoint = "zmq_msg_close")]
        internal static extern int CloseMessage(byte* message);

        [DllImport(Library, EntryPoint = "zmq_msg_send")]
        internal static extern int Send(byte* message, IntPtr socket, int flags);

        [DllImport(Library, EntryPoint = "zmq_msg_recv")]
        internal static extern int Receive(byte* message, IntPtr socket, int flags);

        [DllImport(Library, EntryPoint = "zmq_poll")]
        internal static extern int Poll(PollItem* items, int count, IntPtr timeoutMs);

        [DllImport(Library, EntryPoint = "zmq_errno")]
        internal static extern int Error();

        [StructLayout(LayoutKind.Sequential)]
        internal struct PollItem
        {
            internal IntPtr Socket;
            internal int File;
            internal short Wanted;
            internal short Found;
        }
    }
}
